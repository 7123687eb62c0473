import { userInfo } from 'node:os'
import { join } from 'node:path'
import { lendLogin, takeLoginBack } from '../../agents/lent-login.ts'
import { EffectFailure } from '../../durable/effect.ts'
import { attemptRecords } from '../../effects/attempt-records.ts'
import type { LoginPort } from '../../effects/login-port.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** Logins of the person we run as, by the user's own HOME and not by a variable that could lead elsewhere. */
export const lendLogins = (layout: StateLayout, clock: Clock): LoginPort => {
  const lending = { ownerHome: userInfo().homedir, lockFile: join(layout.root, 'login.lock'), clock }
  return {
    lend: (login, attempt, home) => {
      const note = attemptRecords(layout, attempt).lentLogin
      const reason =
        login === null ? 'its type knows no login file' : lendLogin(lending, login.file, home, note)
      if (reason !== null) throw new EffectFailure({ class: 'auth', reason: `auth: inherit: ${reason}` })
    },
    takeBack: (attempt) => takeLoginBack(lending, attemptRecords(layout, attempt).lentLogin),
  }
}
