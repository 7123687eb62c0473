import { userInfo } from 'node:os'
import type { z } from 'zod'
import { isProvedDead } from '../../../supervisor/keeper/is-proved-dead.ts'
import {
  type Ask,
  forgetAnswer,
  readAnswer,
  withdrawRequest,
  writeRequest,
} from '../../../supervisor/request.ts'
import { loadProver } from '../../../supervisor/status/prove-identity.ts'
import { readStrays } from '../../../supervisor/status/read-strays.ts'
import { readLockOwner } from '../../../supervisor/supervisor-lock.ts'
import { systemClock } from '../../platform/clock.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import type { Answer } from '../print/print-answer.ts'
import { RefusedError } from '../report-error.ts'
import { type StateOptions, selectStateDir } from './select-state.ts'

/** How long a supervisor may take to answer before we say that it does not. */
const ANSWER_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 25

/**
 * Asks the running supervisor for something. The supervisor does it; we only ask.
 * @throws RefusedError `not_running`, `no_answer`, or `refused` with the supervisor's own words.
 */
export const askSupervisor = async (
  options: StateOptions,
  what: z.input<typeof Ask>,
): Promise<{ readonly stateDir: string; readonly message: string }> => {
  const stateDir = await selectStateDir(options)
  const layout = stateLayout(stateDir)
  const owner = readLockOwner(layout)
  if (owner === null || isProvedDead(proveIdentity(owner.identity))) throw await notRunning(stateDir)
  const id = writeRequest(layout, { what, by: userInfo().username }, systemClock)
  const deadlineMs = systemClock.monoMs() + ANSWER_WITHIN_MS
  for (;;) {
    // Asked before the answer is read: one that was stopped answers, and is gone.
    const isDead = isProvedDead(proveIdentity(owner.identity))
    const answer = readAnswer(layout, id)
    if (answer !== null) {
      forgetAnswer(layout, id)
      if (!answer.ok) throw new RefusedError('refused', answer.message)
      return { stateDir, message: answer.message }
    }
    if (isDead) {
      withdrawRequest(layout, id)
      throw await notRunning(stateDir)
    }
    if (systemClock.monoMs() > deadlineMs) {
      throw new RefusedError(
        'no_answer',
        `the supervisor (pid ${owner.identity.pid}) did not answer within ${ANSWER_WITHIN_MS / 1000} s; see \`oc-supervise status\``,
      )
    }
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}

/** A supervisor that died leaves lanes and agents, which only the next one can end in good order. */
const notRunning = async (stateDir: string): Promise<RefusedError> => {
  const { strays } = readStrays(stateDir, [], await loadProver())
  const names = strays.map(({ role, subject, pid }) => `${role} ${subject} (pid ${pid})`)
  const remedy =
    names.length === 0
      ? 'see `oc-supervise status`'
      : `it left ${names.join(', ')}: \`oc-supervise run\` takes them over, and \`oc-supervise stop\` then ends them`
  return new RefusedError('not_running', `no supervisor runs on ${stateDir}; ${remedy}`)
}

/** Asks, and answers with the supervisor's own words. @throws as `askSupervisor` does. */
export const tellSupervisor = async (options: StateOptions, what: z.input<typeof Ask>): Promise<Answer> =>
  saying((await askSupervisor(options, what)).message)

/** One sentence as an answer. */
export const saying = (message: string): Answer => ({ json: { ok: true, message }, text: message })
