import { expect, test } from 'vitest'
import { createAnchoring } from '../../../src/cli/run/anchoring.ts'
import { JournalBusyError } from '../../../src/durable/store.ts'
import { manualClock } from '../../durable/support.ts'

test('an anchor is written every minute, when something ended, and again where it could not be written', async () => {
  const clock = manualClock()
  let written = 0
  let isBusy = false
  const anchoring = createAnchoring({
    clock,
    write: async () => {
      if (isBusy) throw new JournalBusyError('journal.db', 250)
      written += 1
    },
  })
  const looks = async (): Promise<number> => {
    await anchoring.whenDue()
    return written
  }
  expect(await looks()).toBe(0)
  anchoring.soon()
  expect(await looks()).toBe(1)
  expect(await looks()).toBe(1)
  clock.advance(60_000)
  expect(await looks()).toBe(2)
  isBusy = true
  await expect(anchoring.now()).rejects.toThrow(JournalBusyError)
  isBusy = false
  expect(await looks()).toBe(3)
  expect(await looks()).toBe(3)
})
