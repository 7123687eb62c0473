import type { AgentRequest, AgentType } from '../../../agents/agent-type.ts'
import type { AgentConfig } from '../../../contracts/compiled-manifest.ts'
import type { TrialFolders, TrialOwner } from '../run-program.ts'

/** What a trial found out. */
export interface Trial {
  readonly version: string | null
  /** Why the fleet must not use it; null where it passed. */
  readonly failed: string | null
  /** What else was seen, one sentence each. */
  readonly notes: readonly string[]
  /** False where it was shown that its sessions cannot be gone on with. */
  readonly resumes: boolean
}

/** What one part of a trial found out. */
export type Found = Pick<Trial, 'failed' | 'notes'> & Partial<Pick<Trial, 'resumes'>>

/** What is tried, and with which program. */
export interface Candidate {
  readonly agent: AgentConfig
  readonly type: AgentType
  readonly program: readonly string[]
}

/** How long a program is waited for, in ms. */
export interface TrialLimits {
  /** From its start to its end. */
  readonly endsMs: number
  /** From its start to its first request, where it is to be ended in the middle of one. */
  readonly asksMs: number
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
}

/** Where and for whom one part of a trial is done. */
export interface Place {
  readonly folders: TrialFolders
  readonly owner: TrialOwner
  readonly limits: TrialLimits
}

/** What the program is asked, and the session it is to go on with. */
export type Told = Pick<AgentRequest, 'prompt' | 'resume'>
