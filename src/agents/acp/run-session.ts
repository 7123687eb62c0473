import {
  type ClientContext,
  type ClientRequestContext,
  client,
  type InitializeRequest,
  type InitializeResponse,
  methods,
  type NewSessionResponse,
  PROTOCOL_VERSION,
  RequestError,
  type RequestPermissionRequest,
  type Stream,
} from '@agentclientprotocol/sdk'
import type { AcpEvent, AcpPhase, AcpResult } from './acp-events.ts'
import { type AcpQuirks, quirksOf } from './acp-quirks.ts'
import { answerPermission } from './answer-permission.ts'
import { reportUpdates } from './report-updates.ts'

export interface AcpSessionOptions {
  /** Absolute. */
  readonly workspace: string
  readonly prompt: string
  readonly model: string | null
  /** The session to go on with; the prompt then holds only what is new. */
  readonly resume: string | null
  readonly restricted: boolean
  /** Asks the agent to stop what it does. */
  readonly cancelled: AbortSignal
  readonly hasVariable: (name: string) => boolean
  readonly emit: (event: AcpEvent) => void
}

/**
 * One prompt to an agent, as an Agent Client Protocol client: initialize, a new or an earlier session, the prompt. We
 * offer neither files nor terminals: what the agent does it does itself, inside its sandbox; whatever else it asks of us
 * is answered "method not found". Never rejects; how it ended is the result.
 */
export const runSession = async (stream: Stream, options: AcpSessionOptions): Promise<AcpResult> => {
  let phase: AcpPhase = 'initialize'
  const updates = reportUpdates(options.emit)
  const app = client({ name: 'oc-supervise' })
    .onNotification(
      methods.client.session.update,
      (params) => params,
      ({ params }) => updates.notify(params),
    )
    .onRequest(methods.client.session.requestPermission, (context) => permit(context, options))
  try {
    return await app.connectWith(stream, async (agent) => {
      const hello = await agent.request(methods.agent.initialize, INITIALIZE)
      const name = hello.agentInfo?.name ?? 'unknown'
      const quirks = quirksOf(name)
      phase = 'session'
      const sessionId = await openSession(agent, hello, quirks, options)
      const version = hello.agentInfo?.version ?? null
      options.emit({ type: 'session', sessionId, agent: name, version, resumed: options.resume !== null })
      updates.begin(quirks)
      phase = 'prompt'
      const cancel = (): void => void agent.notify(methods.agent.session.cancel, { sessionId })
      if (options.cancelled.aborted) cancel()
      options.cancelled.addEventListener('abort', cancel)
      const answer = await agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: 'text', text: options.prompt }],
      })
      updates.answer(answer)
      return {
        type: 'result',
        ok: answer.stopReason === 'end_turn',
        stopReason: answer.stopReason,
        error: null,
      }
    })
  } catch (error) {
    return { type: 'result', ok: false, stopReason: null, error: errorOf(error, phase) }
  }
}

const INITIALIZE: InitializeRequest = {
  protocolVersion: PROTOCOL_VERSION,
  clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  clientInfo: { name: 'oc-supervise', version: '1' },
}

const permit = (
  { params }: ClientRequestContext<RequestPermissionRequest>,
  { restricted, emit }: AcpSessionOptions,
) => {
  const response = answerPermission(params.options, restricted)
  const { outcome } = response
  const chosen = outcome.outcome === 'selected' ? outcome.optionId : null
  const answer = params.options.find(({ optionId }) => optionId === chosen)?.kind ?? 'cancelled'
  emit({ type: 'permission', tool: params.toolCall.title ?? params.toolCall.toolCallId, answer })
  return response
}

/** A new session, or an earlier one where the agent can; logged in on the way if it asks for that. */
const openSession = async (
  agent: ClientContext,
  hello: InitializeResponse,
  quirks: AcpQuirks,
  options: AcpSessionOptions,
): Promise<string> => {
  const open = (): Promise<string> =>
    options.resume === null ? newSession(agent, options) : oldSession(agent, hello, options.resume, options)
  try {
    return await open()
  } catch (error) {
    const login = quirks.logins.find(
      ({ method, variable }) =>
        options.hasVariable(variable) && hello.authMethods?.some(({ id }) => id === method),
    )
    if (!(error instanceof RequestError) || error.code !== AUTH_REQUIRED || login === undefined) throw error
    await agent.request(methods.agent.authenticate, { methodId: login.method })
    return open()
  }
}

const AUTH_REQUIRED = -32000

const newSession = async (agent: ClientContext, options: AcpSessionOptions): Promise<string> => {
  const session = await agent.request(methods.agent.session.new, { cwd: options.workspace, mcpServers: [] })
  if (options.model !== null) await chooseModel(agent, session, options.model)
  return session.sessionId
}

/** What was said before is not asked for again where the agent can resume without repeating it. */
const oldSession = async (
  agent: ClientContext,
  hello: InitializeResponse,
  sessionId: string,
  { workspace }: AcpSessionOptions,
): Promise<string> => {
  const params = { sessionId, cwd: workspace, mcpServers: [] }
  const { agentCapabilities: can } = hello
  if (can?.sessionCapabilities?.resume) await agent.request(methods.agent.session.resume, params)
  else if (can?.loadSession === true) await agent.request(methods.agent.session.load, params)
  else throw new RequestError(METHOD_NOT_FOUND, 'this agent cannot go on with an earlier session')
  return sessionId
}

const METHOD_NOT_FOUND = -32601

/** A model that cannot be chosen is an error: another one, at another price, is not what was asked for. */
const chooseModel = async (
  agent: ClientContext,
  session: NewSessionResponse,
  model: string,
): Promise<void> => {
  const option = session.configOptions?.find(({ category }) => category === 'model')
  if (option === undefined)
    throw new RequestError(METHOD_NOT_FOUND, 'this agent offers no choice of model: leave `model` out')
  await agent.request(methods.agent.session.setConfigOption, {
    sessionId: session.sessionId,
    configId: option.id,
    value: model,
  })
}

const errorOf = (error: unknown, phase: AcpPhase): AcpResult['error'] => ({
  phase,
  code: error instanceof RequestError ? error.code : null,
  message: error instanceof Error ? error.message : String(error),
  ...(error instanceof RequestError && error.data !== undefined ? { data: error.data } : {}),
})
