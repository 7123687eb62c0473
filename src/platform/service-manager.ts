import { execFile } from 'node:child_process'
import type { Clock } from './clock.ts'
import { childEnvironment } from './environment.ts'

/** Whoever started this process as a service and waits for word of it: systemd, by its protocol sd_notify(3). */
export interface ServiceManager {
  /** Says something: `READY`, `STOPPING`, `STATUS`. What was said while a message was under way goes out with the next. */
  tell(name: 'READY' | 'STOPPING' | 'STATUS', value: string): void
  /** The loop whose turning proves us alive has turned: the watchdog hears of it, no more often than it has to. */
  turned(): void
}

const PROGRAM = 'systemd-notify'
/** A message is over within moments; the program waits until systemd has taken it, so that it is known for ours. */
const WITHIN_MS = 10_000
/** How often within its time the watchdog hears of us. */
const PINGS_IN_TIME = 3

/**
 * The service manager of this process; null where none waits for word. Node has no datagram sockets of the Unix kind, so
 * `systemd-notify` says it: it is wherever systemd is. The unit needs `NotifyAccess=all`.
 * @param ports.failed is told once when a message could not be sent
 */
export const serviceManager = (ports: {
  readonly clock: Clock
  readonly failed: (reason: string) => void
}): ServiceManager | null => {
  const { clock, failed } = ports
  const { NOTIFY_SOCKET: socket } = process.env
  if (socket === undefined || socket === '') return null
  const env = childEnvironment({ NOTIFY_SOCKET: socket })
  const everyMs = pingEveryMs(process.env)
  const waiting = new Map<string, string>()
  let isSending = false
  let hasFailed = false
  let lastPingMs = clock.monoMs()

  const send = (): void => {
    if (isSending || waiting.size === 0) return
    const lines = [...waiting].map(([name, value]) => `${name}=${value}`)
    waiting.clear()
    isSending = true
    execFile(PROGRAM, lines, { env, timeout: WITHIN_MS, killSignal: 'SIGKILL' }, (error) => {
      isSending = false
      if (error !== null && !hasFailed) {
        hasFailed = true
        failed(
          `${PROGRAM} could not tell systemd (${error.message.split('\n')[0]}); use Type=exec without a watchdog`,
        )
      }
      send()
    })
  }

  return {
    tell: (name, value) => {
      waiting.set(name, value.replaceAll('\n', ' '))
      send()
    },
    turned: () => {
      if (everyMs === null || clock.monoMs() - lastPingMs < everyMs) return
      lastPingMs = clock.monoMs()
      waiting.set('WATCHDOG', '1')
      send()
    },
  }
}

/** sd_watchdog_enabled(3): the watchdog's time in microseconds, for this process alone where a pid is named. */
const pingEveryMs = ({ WATCHDOG_USEC: usec, WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | null => {
  const ms = Number(usec) / 1_000
  const isForUs = pid === undefined || pid === String(process.pid)
  return isForUs && Number.isFinite(ms) && ms > 0 ? ms / PINGS_IN_TIME : null
}
