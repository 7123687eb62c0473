import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Instant } from '../../src/contracts/instant.ts'
import { systemClock } from '../../src/platform/clock.ts'

describe('systemClock', () => {
  test('now is a valid instant of this boot', () => {
    const now = systemClock.now()
    expect(Instant.safeParse(now).success).toBe(true)
    expect(now.bootId).toBe(systemClock.bootId)
    expect(Math.abs(now.wallMs - Date.now())).toBeLessThan(5_000)
  })

  test('all processes of one boot share the monotonic clock', () => {
    const before = systemClock.monoMs()
    const there = Number(
      execFileSync(process.execPath, ['-p', 'Number(process.hrtime.bigint() / 1000n) / 1000'], {
        encoding: 'utf8',
      }),
    )
    expect(there).toBeGreaterThan(before)
    expect(there).toBeLessThan(systemClock.monoMs())
  })

  test('sleep takes its time and no less', async () => {
    for (const ms of [0, 1, 3, 5, 20]) {
      const before = systemClock.monoMs()
      await systemClock.sleep(ms)
      expect(systemClock.monoMs() - before).toBeGreaterThanOrEqual(ms)
    }
  })

  test('an aborted sleep resolves at once', async () => {
    const stop = new AbortController()
    const slept = systemClock.sleep(60_000, stop.signal)
    stop.abort()
    await slept
    await systemClock.sleep(60_000, stop.signal)
  })

  test('a cancelled timer never runs', async () => {
    let ran = false
    systemClock.after(5, () => {
      ran = true
    })()
    await systemClock.sleep(25)
    expect(ran).toBe(false)
  })

  test('a wait of two months does not end at once, as a bare setTimeout would', async () => {
    let ran = false
    const cancel = systemClock.after(60 * 86_400_000, () => {
      ran = true
    })
    await systemClock.sleep(25)
    cancel()
    expect(ran).toBe(false)
  })
})
