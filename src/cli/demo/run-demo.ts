import { rmSync } from 'node:fs'
import { systemClock } from '../../platform/clock.ts'
import { directDemo } from './direct-demo.ts'
import { showOutcome } from './show-outcome.ts'
import { stageDemo } from './stage-demo.ts'

export type DemoOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string }

/**
 * Stages the demo, plays it, and shows what came of it. The folder goes afterwards unless it was named, is to be kept,
 * or something failed in it.
 */
export const runDemo = async (options: {
  readonly goal: string | null
  readonly blocked: boolean
  readonly folder: string | null
  readonly keep: boolean
}): Promise<DemoOutcome> => {
  const startedMs = systemClock.monoMs()
  const stage = stageDemo(options)
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  say(`demo in ${stage.folder}`)
  say('its agents replay recordings: no model, no key, no network; sandbox off\n')
  const exit = await directDemo(stage, { withDeaths: options.goal === null, say })
  const seconds = ((systemClock.monoMs() - startedMs) / 1000).toFixed(1)
  const verified = await showOutcome(stage, say)
  const outcome = judge(exit, options.blocked, verified)
  const keeps = options.keep || options.folder !== null || !outcome.ok
  say(`\n${outcome.ok ? 'all of it as expected' : outcome.message}; ${seconds} s`)
  if (keeps) say(`kept: ${stage.folder}`)
  else {
    rmSync(stage.folder, { recursive: true, force: true })
    say(`removed: ${stage.folder}; --keep keeps it`)
  }
  return outcome
}

const judge = (exit: number, blocked: boolean, verified: boolean): DemoOutcome => {
  if (!verified) return { ok: false, code: 'not_verified', message: 'journal or evidence did not verify' }
  if (blocked) {
    return exit === 3
      ? { ok: false, code: 'policy_blocked', message: 'the policy blocked the task, as it was told to' }
      : {
          ok: false,
          code: 'not_blocked',
          message: `the policy was to block the task, but the run ended with ${exit}`,
        }
  }
  return exit === 0
    ? { ok: true }
    : { ok: false, code: 'demo_failed', message: `the run ended with exit ${exit}` }
}
