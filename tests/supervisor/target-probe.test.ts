import { expect, test } from 'vitest'
import { createTargetProbe } from '../../supervisor/target-probe.ts'
import { manualClock } from './manual-clock.ts'

const calm = { eager: false, excused: () => false }
const settled = (): Promise<void> => Promise.resolve()

const create = () => {
  const clock = manualClock()
  const asked: PromiseWithResolvers<boolean>[] = []
  let answers = 0
  const probe = createTargetProbe(
    () => {
      const question = Promise.withResolvers<boolean>()
      asked.push(question)
      return question.promise
    },
    { everyMs: 1_000, answerWithinMs: 100, misses: 2 },
    clock,
    () => {
      answers += 1
    },
  )
  return { clock, asked, probe, answers: () => answers }
}

test('one question at a time, one a period, and every miss is counted until an answer comes', async () => {
  const { clock, asked, probe, answers } = create()
  probe.step(calm)
  probe.step(calm)
  expect(asked).toHaveLength(1)
  expect(probe.dueMs()).toBe(Number.POSITIVE_INFINITY)
  asked[0]?.resolve(false)
  await settled()
  expect([probe.unanswered, answers()]).toEqual([1, 1])
  expect(probe.dueMs()).toBe(clock.monoMs() + 1_000)
  clock.pass(1_000)
  probe.step(calm)
  asked[1]?.resolve(true)
  await settled()
  expect(probe).toMatchObject({ unanswered: 0, provedAt: clock.now() })
})

test('an answer that comes after it was started over, or closed, counts for nothing', async () => {
  for (const end of ['startOver', 'close'] as const) {
    const { asked, probe, answers } = create()
    probe.step(calm)
    probe[end]()
    asked[0]?.resolve(true)
    await settled()
    expect([probe.provedAt, answers()]).toEqual([null, 0])
  }
})

test('who is excused misses nothing, and who is waited for is asked more often', async () => {
  const { clock, asked, probe } = create()
  probe.step({ eager: true, excused: () => true })
  asked[0]?.resolve(false)
  await settled()
  expect(probe.unanswered).toBe(0)
  expect(probe.dueMs()).toBe(clock.monoMs() + 250)
})
