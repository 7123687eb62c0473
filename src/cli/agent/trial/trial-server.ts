import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ModelWire } from '../../../agents/agent-type.ts'
import { anthropicWire } from './wires/anthropic.ts'
import { chatWire } from './wires/chat.ts'
import { geminiWire } from './wires/gemini.ts'
import { responsesWire } from './wires/responses.ts'
import { sendJson, sendReply } from './wires/send-reply.ts'
import type { Reply, TokenCounts, Wire, WireRequest } from './wires/wire.ts'

/** What the model says. */
export interface ModelScript {
  readonly wires: readonly ModelWire[]
  /** @param nth 0 for the first request of the conversation. */
  answer(request: WireRequest, nth: number): Reply
}

/** Every request refused as unauthorized, or none ever answered, or answered by a script. */
export type Conduct = 'refuse' | 'hold' | ModelScript

/** One answer of a conversation. */
export interface Served {
  /** The request, as it came. */
  readonly body: string
  readonly usage: TokenCounts
}

export interface TrialServer {
  readonly url: string
  /** How many requests have come, of whatever kind. */
  asked(): number
  /** What was answered by script, in order. */
  served(): readonly Served[]
  close(): void
}

/** Read of all its requests together: a program may ask without end, or never stop asking. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Stands in for a model's service on loopback while a program is tried. A refusal is one that every provider's client
 * understands. Programs also ask for titles and the like, and not all of them count what that costs: who offers no
 * tools is no part of the conversation, and is answered for nothing.
 */
export const startTrialServer = (conduct: Conduct): Promise<TrialServer> => {
  let asked = 0
  let left = MOST_BYTES
  const take = (bytes: number): boolean => {
    left -= bytes
    return left >= 0
  }
  const served: Served[] = []
  const server = createServer((incoming, outgoing) => {
    asked += 1
    void readText(incoming, take)
      .then((body) => answer(conduct, { incoming, body, served }, outgoing))
      .catch(() => outgoing.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        asked: () => asked,
        served: () => served,
        close: () => {
          server.closeAllConnections()
          server.close()
        },
      }),
    )
  })
}

const UNAUTHORIZED = {
  type: 'error',
  error: {
    type: 'authentication_error',
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'This key is not valid: oc-supervise is only trying this program.',
  },
}
const NOT_FOUND = { type: 'error', error: { type: 'not_found_error', code: 404, message: 'Not found.' } }

const WIRES: readonly Wire[] = [responsesWire, chatWire, anthropicWire, geminiWire]
const ASIDE: Reply = { kind: 'say', text: 'Trial', usage: { input: 0, cachedInput: 0, output: 0 } }

interface Asked {
  readonly incoming: IncomingMessage
  readonly body: string
  readonly served: Served[]
}

const answer = (conduct: Conduct, asked: Asked, outgoing: ServerResponse): void => {
  if (conduct === 'refuse') sendJson(outgoing, 401, UNAUTHORIZED)
  else if (conduct !== 'hold') play(conduct, asked, outgoing)
}

const play = (script: ModelScript, { incoming, body, served }: Asked, outgoing: ServerResponse): void => {
  const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
  const isPost = incoming.method === 'POST'
  const wire = WIRES.find(({ name, serves }) => isPost && script.wires.includes(name) && serves(path))
  if (wire === undefined) {
    sendJson(outgoing, 404, NOT_FOUND)
    return
  }
  const request = wire.read(JSON.parse(body), path)
  const isAside = request.tools.length === 0
  const reply = isAside ? ASIDE : script.answer(request, served.length)
  if (!isAside) served.push({ body, usage: reply.usage })
  sendReply(outgoing, wire, reply, request)
}

/** @throws Error once there is no more to be taken. */
const readText = async (incoming: IncomingMessage, take: (bytes: number) => boolean): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (!take(chunk.length)) throw new Error('it asks more than its model could read')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
