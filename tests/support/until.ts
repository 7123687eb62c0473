import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `predicate` answers something truthy and returns it: the replacement of every sleep in a test.
 * A predicate that throws counts as "not yet"; its last error is shown when time is up.
 * @throws Error when `timeoutMs` (default 10 000) has passed.
 */
export const until = async <T>(
  predicate: () => T | Promise<T>,
  options: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<Exclude<T, null | undefined | false>> => {
  const timeoutMs = options.timeoutMs ?? 10_000
  const deadline = performance.now() + timeoutMs
  let lastError: unknown = null
  for (;;) {
    try {
      const value = await predicate()
      if (value) return value as Exclude<T, null | undefined | false>
      lastError = null
    } catch (error) {
      lastError = error
    }
    if (performance.now() >= deadline) {
      throw new Error(`until: ${options.what ?? predicate.toString()} did not hold within ${timeoutMs} ms`, {
        cause: lastError,
      })
    }
    await sleep(options.everyMs ?? 5)
  }
}
