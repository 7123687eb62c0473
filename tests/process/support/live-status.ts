import { until } from '../../support/until.ts'
import type { System } from './system.ts'

/** What `status --json` says, as far as these tests read it. */
export interface LiveStatus {
  readonly claim: string
  readonly row: string
  readonly reason: string
  readonly survivors: number
  readonly survivorList: readonly { readonly role: string; readonly subject: string; readonly pid: number }[]
  readonly active: number
  readonly terminal: string | null
  readonly supervisor: { readonly pid: number; readonly proof: string }
  readonly children: readonly { readonly id: string; readonly pid: number | null; readonly state: string }[]
  readonly keepers: readonly { readonly attempt: string; readonly pid: number | null }[]
  readonly attention: readonly {
    readonly kind: string
    readonly subject: string
    readonly reason: string
    readonly action: string
  }[]
}

export const statusOf = (system: System): Promise<LiveStatus> => system.json<LiveStatus>(['status'])

/** Waits until a status fits. */
export const untilStatus = (
  system: System,
  fits: (status: LiveStatus) => boolean,
  what: string,
): Promise<LiveStatus> =>
  until(
    async () => {
      const status = await statusOf(system)
      return fits(status) && status
    },
    { timeoutMs: 20_000, everyMs: 20, what },
  )

/** Every wanted child is ready and proved. */
export const isUp = ({ claim, children }: LiveStatus): boolean =>
  (claim === 'live_attached' || claim === 'waiting_state_observed') &&
  children.every(({ state }) => state === 'ready' || state === 'finished')

/** Pids of the children, by id. */
export const pidsOf = ({ children }: LiveStatus): Record<string, number | null> =>
  Object.fromEntries(children.map(({ id, pid }) => [id, pid]))
