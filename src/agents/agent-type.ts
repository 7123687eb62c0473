import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { Failure } from '../contracts/failure.ts'
import type { KeeperExit } from '../contracts/keeper.ts'
import type { MeterFile, MeterRule } from '../contracts/meter.ts'

/** What one execution needs to know beside its profile. All paths absolute. */
export interface AgentRequest {
  readonly task: { readonly id: string; readonly title: string }
  /** 1 for the first attempt at the task. */
  readonly attempt: number
  readonly workspace: string
  /** The agent's own HOME: empty, outside the workspace, kept for as long as its session may be resumed. */
  readonly home: string
  /** The composed prompt, already written; outside the workspace. */
  readonly promptFile: string
  /** Its text, for agents that take it as one argument. */
  readonly prompt: string
  /** The program as it was found, absolute; empty for types without one of their own. */
  readonly program: readonly string[]
  /** The session to go on with, where there is one; the prompt then holds only what is new. */
  readonly resume: { readonly sessionId: string } | null
  /** True for work of untrusted authors: tools that reach beyond the workspace are left out where the agent can do that. */
  readonly restricted: boolean
}

/** How to start the agent: an argv, never a shell line. `env` holds additions to the allow-listed environment. */
export interface AgentLaunch {
  readonly argv: readonly string[]
  readonly stdinFile: string | null
  readonly env: Readonly<Record<string, string>>
  /** Configuration to lie in its HOME before it starts, by path relative to HOME. Never a secret. */
  readonly homeFiles: Readonly<Record<string, string>>
}

/** One output of an agent, as its keeper kept it. What lies behind `endBytes` is not read; without it the whole file is. */
export interface AgentStream {
  readonly file: string
  readonly endBytes?: number
}

/** What the agent wrote; parts of it may be missing after a crash. */
export interface AgentStreams {
  readonly stdout: AgentStream
  readonly stderr: AgentStream
}

/** What an agent's own protocol says of its run. Only a claim: checks and scope are measured by us afterwards. */
export interface AgentJudgement {
  /** True where the stream ends in a terminal success, or the exit code says so for agents without a protocol. */
  readonly success: boolean
  readonly failure: Failure | null
  readonly usage: AgentUsage | null
  readonly sessionId: string | null
  /** True where the agent only replays a recording. */
  readonly recorded: boolean
  /** The last that its model said, however it ended, for whoever goes on; null where that is not known. Untrusted text. */
  readonly summary: string | null
  /** Where the failure says when it makes sense again, in UTC ms. */
  readonly retryAtMs: number | null
  /** Tool calls it made; null where its protocol does not tell. Without any, without tokens and soon over: a failed backend. */
  readonly toolCalls: number | null
}

/** Totals of one execution. `usd` null where the agent does not tell dollars: they are computed from its price. */
export interface AgentUsage {
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  readonly usd: number | null
}

/** Keys of an agent profile in the manifest that only some types take. */
export type AgentKey = 'command' | 'prompt' | 'recordings' | 'auth' | 'base_url' | 'max_turns'

/** A format in which models are served: OpenAI's Responses and chat completions, Anthropic's messages, Google's generateContent. */
export type ModelWire = 'responses' | 'chat' | 'anthropic' | 'gemini'

/** What a kind of agent can do; asked before it is invoked, so that nothing is started in vain. */
export interface AgentCapabilities {
  /** A session can be gone on with by its id. */
  readonly resume: boolean
  /** Its stream ends in an event that says success or failure; exit 0 alone is then no success. */
  readonly terminalEvent: boolean
  readonly usage: 'dollars' | 'tokens' | 'none'
  /** True where its reach beyond the workspace can be left out, for work of untrusted authors. */
  readonly restricts?: true
  /** True where a resumed session's usage counts everything since it was begun. */
  readonly usageOfSession?: true
}

/** Where a program keeps its login, and how `agent check` and `auth: inherit` find it. */
export interface AgentLogin {
  /** Relative to the person's HOME; the first that exists counts. */
  readonly file: string
  /** Variables that hold a key, in the order in which the program asks. */
  readonly variables: readonly string[]
}

/** The port of one kind of agent: how it is started, and how what it left behind is read. One file and one line in the registry. */
export interface AgentType {
  readonly type: string
  /** One line for lists and help. */
  readonly about: string
  readonly keys: { readonly required: readonly AgentKey[]; readonly optional: readonly AgentKey[] }
  /** The name of its program on PATH; null where the manifest or we bring it. */
  readonly program: string | null
  /** Where a launcher of that name keeps the program itself, by the launcher's own file; the first that is there is run in its place. */
  readonly inside?: (file: string) => readonly string[]
  /** Asks the program for its version; the first thing that looks like one in what it prints counts. */
  readonly versionArgs: readonly string[]
  readonly capabilities: AgentCapabilities
  /** In which of these it asks its model at a `base_url`: a trial answers it there. Empty where none is known. */
  readonly wires: readonly ModelWire[]
  /** Hosts it needs when the sandbox is on and no `base_url` is given. */
  readonly network: readonly string[]
  readonly login: AgentLogin | null
  /** How a keeper reads its stream while it runs; empty where it has no protocol. */
  readonly meter: readonly MeterRule[]
  /** What it writes in its HOME while it runs that tells its tokens earlier than its stream does. */
  readonly meterFiles?: readonly MeterFile[]
  /** Pure: the same profile and request give the same launch. */
  compose(config: AgentConfig, request: AgentRequest): AgentLaunch
  /**
   * Reads what is left of one execution. Pure but for the files it reads.
   * @param exit the keeper's record; null where the keeper was lost before it wrote one.
   * @param nowMs when it ended, in UTC ms: reset times in messages are read against it.
   */
  judge(streams: AgentStreams, exit: KeeperExit | null, nowMs: number): AgentJudgement
}
