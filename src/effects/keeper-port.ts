import type { AgentStreams } from '../agents/agent-type.ts'
import type { KeeperExit, KeeperSpec } from '../contracts/keeper.ts'

/** What effects need of keepers; carried out by the process tree. All calls are idempotent by the attempt's id. */
export interface KeeperPort {
  /** Whether a keeper has ever taken this attempt. */
  exists(attempt: string): boolean
  /**
   * Adopts the keeper that is there, running or ended, or on its way; null where there is none.
   * @returns the spec that it was started with.
   */
  adopt(attempt: string): Promise<{ ok: true; spec: KeeperSpec } | { ok: false; reason: string } | null>
  /** What a keeper was started with; null where none was. */
  specOf(attempt: string): KeeperSpec | null
  /** Starts the keeper, or adopts the one that is there. Secrets are written to no file. */
  start(
    spec: KeeperSpec,
    secrets: Readonly<Record<string, string>>,
  ): Promise<{ ok: true; adopted: boolean } | { ok: false; reason: string }>
  /** Waits for the exit record. `lost`: the keeper was killed; its agent has been ended. `aborted`: we stopped waiting. */
  await(
    attempt: string,
    signal: AbortSignal,
  ): Promise<{ ending: 'exited'; exit: KeeperExit } | { ending: 'lost' } | { ending: 'aborted' }>
  /** Ends keeper and agent and proves both gone. True where there was something to end. */
  stop(attempt: string, reason: 'requested' | 'shutdown'): Promise<boolean>
  /** The record of one that has ended; null where it left none. */
  exitOf(attempt: string): KeeperExit | null
  /** The attempts somebody waits for now. */
  awaited(): readonly string[]
  streams(attempt: string): AgentStreams
}
