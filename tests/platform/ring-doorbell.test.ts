import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { ringDoorbell } from '../../src/platform/ring-doorbell.ts'
import { watchFile } from '../../supervisor/child-side/watch-file.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

test('every ring wakes who watches, the first one that makes the doorbell too', async () => {
  const bell = join(makeTempDir(), 'doorbells', 'goal')
  ringDoorbell(bell)
  expect(existsSync(bell)).toBe(true)
  let woken = 0
  const unwatch = watchFile(bell, systemClock, () => {
    woken += 1
  })
  onTestFinished(unwatch)
  for (const rings of [1, 2, 3]) {
    ringDoorbell(bell)
    await until(() => woken >= rings)
  }
})

test('a doorbell that cannot be rung is nobody’s error: the rows tell', () => {
  const file = join(makeTempDir(), 'file')
  writeFileSync(file, '')
  expect(() => ringDoorbell(join(file, 'goal'))).not.toThrow()
  mkdirSync(`${file}.d`)
  expect(() => ringDoorbell(`${file}.d`)).not.toThrow()
})
