import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { oc } from './product.ts'
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

/** The status by its folder: no YAML is read, so a broken manifest does not matter. */
export const statusOf = async (system: System): Promise<LiveStatus> => {
  const { stdout, stderr } = await oc(['status', '--json', '--state-dir', system.layout.root])
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

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
    { timeoutMs: 20_000, everyMs: 50, what },
  )

/** Every wanted child is ready and proved. */
export const isUp = ({ claim, children }: LiveStatus): boolean =>
  (claim === 'live_attached' || claim === 'waiting_state_observed') &&
  children.every(({ state }) => state === 'ready' || state === 'finished')

/** Pids of the children, by id. */
export const pidsOf = ({ children }: LiveStatus): Record<string, number | null> =>
  Object.fromEntries(children.map(({ id, pid }) => [id, pid]))
