import type { AgentLogin } from '../agents/agent-type.ts'

/** The login of a program's owner, for profiles with `auth: inherit`. Both calls may be repeated. */
export interface LoginPort {
  /**
   * Puts the owner's credential file, and nothing else of theirs, into an agent's HOME.
   * @throws EffectFailure `auth` where there is none, or the type knows no such file.
   */
  lend(login: AgentLogin | null, home: string): void
  /** Takes it out of there again; what the program renewed meanwhile goes back, unless the owner renewed it too. */
  takeBack(login: AgentLogin | null, home: string): Promise<void>
}
