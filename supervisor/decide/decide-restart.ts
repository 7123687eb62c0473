import type { Asked } from '../../machines/live/child-events.ts'
import type { RestartType } from '../../src/contracts/child-spec.ts'

/** How a process ended: `normal` is an exit code of `successExit`. */
export type ExitKind = 'normal' | 'abnormal' | 'signal'

/** What follows an exit: nothing (`down`), never again (`finish`), again at once (`again`), or again within limits (`restart`). */
export type RestartVerdict = 'down' | 'finish' | 'again' | 'restart'

const UNASKED: Record<RestartType, Record<ExitKind, RestartVerdict>> = {
  always: { normal: 'restart', abnormal: 'restart', signal: 'restart' },
  'on-failure': { normal: 'finish', abnormal: 'restart', signal: 'restart' },
  never: { normal: 'finish', abnormal: 'finish', signal: 'finish' },
}

const ASKED: Record<Exclude<Asked, 'none'>, Record<RestartType, RestartVerdict>> = {
  stop: { always: 'down', 'on-failure': 'down', never: 'down' },
  restart: { always: 'again', 'on-failure': 'again', never: 'again' },
  // OTP: a temporary child is not restarted even when a sibling's death took it down.
  sibling: { always: 'again', 'on-failure': 'again', never: 'finish' },
  hung: { always: 'restart', 'on-failure': 'restart', never: 'finish' },
  not_ready: { always: 'restart', 'on-failure': 'restart', never: 'finish' },
}

/** Restart type × exit kind × intent → what follows. The table is OTP's, with exits we asked for told apart from failures. */
export const decideRestart = (restart: RestartType, exit: ExitKind, asked: Asked): RestartVerdict =>
  asked === 'none' ? UNASKED[restart][exit] : ASKED[asked][restart]
