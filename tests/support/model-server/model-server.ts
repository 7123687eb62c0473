import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SSE_HEADERS, sendJson, sendReply, sseOf } from '../../../src/cli/agent/trial/wires/send-reply.ts'
import { type Answer, replyOf } from './answer.ts'
import type { ModelRequest } from './model-request.ts'
import { isScenario, SCENARIOS, type ScenarioName } from './scenarios.ts'
import { scriptedAnthropic } from './wires/anthropic.ts'
import { scriptedChat } from './wires/chat.ts'
import { scriptedGemini } from './wires/gemini.ts'
import { scriptedResponses } from './wires/responses.ts'
import type { ScriptedWire } from './wires/scripted-wire.ts'

interface ModelServerOptions {
  /** What is served where the path names no scenario. */
  readonly scenario?: ScenarioName
  readonly port?: number
  /** What `recordings` plays; the demo's own by default. */
  readonly recordings?: string
}

/** One request as it was answered. */
export interface LoggedRequest {
  /** The first part of the path, or the server's own scenario. */
  readonly tag: string
  readonly path: string
  readonly wire: ScriptedWire['name'] | null
  readonly model: string | null
  readonly stream: boolean
  /** Whether a key came along; never the key. */
  readonly authenticated: boolean
  readonly answer: Answer['kind'] | 'not_found' | 'bad_request'
}

export interface ModelServer {
  readonly url: string
  /** The address under which one scenario is served; a `tag` keeps the requests of one run apart. */
  at(scenario: ScenarioName, tag?: string): string
  /** From now on another scenario is served at an address that was given out. */
  become(scenario: ScenarioName, tag: string, other: ScenarioName): void
  /** The requests that came in under one address of `at`, or all. */
  requests(scenario?: ScenarioName, tag?: string): readonly LoggedRequest[]
  close(): Promise<void>
}

const WIRES: readonly ScriptedWire[] = [scriptedResponses, scriptedChat, scriptedAnthropic, scriptedGemini]
const DEMO_RECORDINGS = fileURLToPath(new URL('../../../manifests/demo/recordings', import.meta.url))

/**
 * Serves a model that does what its scenario says, in every wire format at once. Under `/<scenario>[~tag]/…` any scenario
 * is served, so that one server is enough for many runs; elsewhere the one it was started with.
 */
export const startModelServer = async (options: ModelServerOptions = {}): Promise<ModelServer> => {
  const log: LoggedRequest[] = []
  const instead = new Map<string, ScenarioName>()
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing, { options, log, instead }).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(400, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify({ error: { message: String(error), type: 'scenario_error' } }))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tagOf = (scenario: ScenarioName, tag?: string): string =>
    tag === undefined ? scenario : `${scenario}~${tag}`
  return {
    url,
    at: (scenario, tag) => `${url}/${tagOf(scenario, tag)}`,
    become: (scenario, tag, other) => void instead.set(tagOf(scenario, tag), other),
    requests: (scenario, tag) =>
      scenario === undefined ? log : log.filter((one) => one.tag === tagOf(scenario, tag)),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Serving {
  readonly options: ModelServerOptions
  readonly log: LoggedRequest[]
  /** Scenarios served in place of what an address names. */
  readonly instead: ReadonlyMap<string, ScenarioName>
}

const serve = async (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { options, log, instead }: Serving,
): Promise<void> => {
  const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
  if (path === '/requests') return sendJson(outgoing, 200, log)
  const { scenario, tag } = scenarioOf(path, options.scenario ?? 'edit')
  const body = await readBody(incoming)
  const wire = incoming.method === 'POST' ? WIRES.find((one) => one.serves(path)) : undefined
  const authenticated = wire?.authHeaders.some((name) => incoming.headers[name] !== undefined) ?? false
  const note = (answer: LoggedRequest['answer'], request: ModelRequest | null): void =>
    void log.push({
      tag,
      path,
      wire: wire?.name ?? null,
      model: request?.model ?? null,
      stream: request?.stream ?? false,
      authenticated,
      answer,
    })
  if (wire === undefined) {
    note('not_found', null)
    return sendJson(outgoing, 404, { error: { code: 404, message: `nothing is served at ${path}` } })
  }
  const request = wire.read(body, path)
  const earlier = log.filter((one) => one.tag === tag).length
  const context = { earlier, recordings: options.recordings ?? DEMO_RECORDINGS }
  try {
    const answer = SCENARIOS[instead.get(tag) ?? scenario](request, context)
    note(answer.kind, request)
    await give(answer, wire, request, outgoing)
  } catch (error) {
    note('bad_request', request)
    throw error
  }
}

const scenarioOf = (path: string, fallback: ScenarioName): { scenario: ScenarioName; tag: string } => {
  const tag = path.split('/')[1] ?? ''
  const name = tag.split('~')[0] ?? ''
  return isScenario(name) ? { scenario: name, tag } : { scenario: fallback, tag: fallback }
}

const give = async (
  answer: Answer,
  wire: ScriptedWire,
  request: ModelRequest,
  outgoing: ServerResponse,
): Promise<void> => {
  if (answer.kind === 'refuse') {
    const { status, headers, body } = wire.refuse(answer.refusal, Date.now())
    return sendJson(outgoing, status, body, headers)
  }
  if (answer.kind === 'hang' && !answer.midway) return
  if (answer.kind === 'drop' || answer.kind === 'hang') {
    // The first half of a whole answer, so that the agent has begun to read.
    const events = wire.events(replyOf({ kind: 'say', text: 'I am about to' }), request)
    const half = events.slice(0, Math.floor(events.length / 2))
    outgoing.writeHead(200, SSE_HEADERS)
    await new Promise((resolve) => outgoing.write(half.map(sseOf).join('') || ': begun\n\n', resolve))
    if (answer.kind === 'drop') outgoing.destroy()
    return
  }
  sendReply(outgoing, wire, replyOf(answer), request)
}

const readBody = async (incoming: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text.startsWith('{') ? JSON.parse(text) : {}
}
