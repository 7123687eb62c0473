import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { Failure } from '../contracts/failure.ts'
import type { KeeperExit } from '../contracts/keeper.ts'

/** What one execution needs to know beside its profile. All paths absolute. */
export interface AgentRequest {
  readonly task: { readonly id: string; readonly title: string }
  /** 1 for the first attempt at the task. */
  readonly attempt: number
  readonly workspace: string
  /** The composed prompt, already written; outside the workspace. */
  readonly promptFile: string
}

/** How to start the agent: an argv, never a shell line. `env` holds additions to the allow-listed environment. */
interface AgentLaunch {
  readonly argv: readonly string[]
  readonly stdinFile: string | null
  readonly env: Readonly<Record<string, string>>
}

/** What the agent wrote, as its keeper kept it; parts of it may be missing after a crash. */
interface AgentStreams {
  readonly stdoutFile: string
  readonly stderrFile: string
}

/** What an agent's own protocol says of its run. Only a claim: checks and scope are measured by us afterwards. */
export interface AgentJudgement {
  /** True where the stream ends in a terminal success, or the exit code says so for agents without a protocol. */
  readonly success: boolean
  readonly failure: Failure | null
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly usd: number } | null
  readonly sessionId: string | null
  /** True where the agent only replays a recording. */
  readonly recorded: boolean
}

/** The port of one kind of agent: how it is started, and how what it left behind is read. */
export interface AgentType {
  readonly type: AgentConfig['type']
  /** Pure: the same profile and request give the same launch. */
  compose(config: AgentConfig, request: AgentRequest): AgentLaunch
  /** @param exit the keeper's record; null where the keeper was lost before it wrote one. */
  judge(streams: AgentStreams, exit: KeeperExit | null): AgentJudgement
}
