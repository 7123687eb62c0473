import type { Clock } from '../src/platform/clock.ts'
import { type ChildShell, isUp } from './child-shell.ts'
import { type Placed, planMs, stopPlan } from './decide/decide-order.ts'

/** How long after the deadline a child may need to die of SIGKILL before we leave it behind, in ms. */
const FORCED_WITHIN_MS = 5_000

export interface StopTreeOptions {
  readonly clock: Clock
  readonly placeOf: (shell: ChildShell) => Placed
  readonly force: boolean
  readonly reason: string
  /** Upper bound in ms beyond what the graces add up to; null for none. */
  readonly withinMs: number | null
}

/**
 * Ends all children: groups in reverse order, equal ones side by side, each group right to left, every child by its own
 * signal and grace. One deadline for all of it, then force. Answers with those that could not be ended at all.
 */
export const stopTree = async (
  shells: readonly ChildShell[],
  options: StopTreeOptions,
): Promise<string[]> => {
  const { clock, reason } = options
  const forceAll = (): void => {
    for (const shell of shells) shell.end('stop', { force: true, reason })
  }
  const everyoneDown = Promise.all(shells.map((shell) => shell.whenDown()))
  const graceMs = Math.min(
    options.force ? 0 : graceOf(shells, options.placeOf),
    options.withinMs ?? Number.POSITIVE_INFINITY,
  )
  const slackMs = Math.max(SLACK_MS, SLACK_PER_CHILD_MS * shells.length)
  const cancelDeadline = options.force ? () => {} : clock.after(graceMs + slackMs, forceAll)
  if (options.force) forceAll()
  else void stopInOrder(shells, options)
  const isDown = new AbortController()
  await Promise.race([everyoneDown, clock.sleep(graceMs + slackMs + FORCED_WITHIN_MS, isDown.signal)])
  isDown.abort()
  cancelDeadline()
  return shells.filter(isUp).map((shell) => shell.id)
}

/** Beyond the graces: what ending and proving itself takes. Keeps the deadline from racing with a child's own grace. */
const SLACK_MS = 250
/** Hundreds take longer; forcing those that are about to be gone would only do everything twice. */
const SLACK_PER_CHILD_MS = 5

/** Ends children wave by wave; the next begins when the one before is down. */
const stopInOrder = async (
  shells: readonly ChildShell[],
  { placeOf, reason }: StopTreeOptions,
): Promise<void> => {
  for (const rank of stopPlan(placedShells(shells, placeOf))) {
    await Promise.all(
      rank.map(async (waves) => {
        for (const wave of waves) {
          for (const { shell } of wave) shell.end('stop', { force: false, reason })
          await Promise.all(wave.map(({ shell }) => shell.whenDown()))
        }
      }),
    )
  }
}

const graceOf = (shells: readonly ChildShell[], placeOf: (shell: ChildShell) => Placed): number =>
  planMs(stopPlan(placedShells(shells.filter(isUp), placeOf)), ({ shell }) => shell.spec.stop.graceMs)

const placedShells = (
  shells: readonly ChildShell[],
  placeOf: (shell: ChildShell) => Placed,
): (Placed & { shell: ChildShell })[] => shells.map((shell) => ({ ...placeOf(shell), shell }))
