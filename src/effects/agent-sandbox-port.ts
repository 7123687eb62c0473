import type { AgentType } from '../agents/agent-type.ts'
import type { Containment } from '../contracts/agent-run.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'

/** The walls around an agent, as the host has them. */
export interface AgentSandboxPort {
  /** What contains this profile's agents; recorded with every run. */
  containmentOf(agent: AgentConfig): Containment
  /**
   * Makes ready what one attempt's agent is put into; again for a running attempt, it changes nothing.
   * @throws EffectFailure `dependency_missing` where the profile wants a sandbox and the host has none any more.
   */
  enter(agent: AgentConfig, type: AgentType, attempt: SandboxedAttempt): EnteredSandbox
  /**
   * Removes what was the agent's for its run alone, once it has ended; safe to repeat.
   * @returns false where the walls could not be built, so that the agent never ran.
   */
  leave(attemptId: string): boolean
}

interface SandboxedAttempt {
  readonly attemptId: string
  readonly workspace: string
  readonly home: string
  readonly promptFile: string
  /** Its program and arguments, as composed. */
  readonly argv: readonly string[]
  /** The PATH it will have. */
  readonly path: string
}

export interface EnteredSandbox {
  /** The words before the agent's own; empty where its profile says `sandbox: off`. */
  readonly wrapper: readonly string[]
  /** Folders of its own beside workspace and HOME. */
  readonly folders: readonly string[]
}
