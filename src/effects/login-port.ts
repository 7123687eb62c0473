import type { AgentLogin } from '../agents/agent-type.ts'

/** The login of a program's owner, for profiles with `auth: inherit`. Both calls may be repeated. */
export interface LoginPort {
  /**
   * Puts the owner's credential file, and nothing else of theirs, into an agent's HOME.
   * @throws EffectFailure `auth` where there is none, or the type knows no such file.
   */
  lend(login: AgentLogin | null, attempt: string, home: string): void
  /**
   * Takes what an attempt was lent out of there again, if it was lent anything; what the program renewed meanwhile goes
   * back, unless the owner renewed it too.
   */
  takeBack(attempt: string): Promise<void>
}
