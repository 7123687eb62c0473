import { expect, test } from 'vitest'
import { z } from 'zod'
import type { EffectRow } from '../../src/contracts/store.ts'
import { defineEffect, type EffectDefinition } from '../../src/durable/effect.ts'
import { createEffectRunner } from '../../src/durable/effect-runner.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { until } from '../support/until.ts'

/** A runner with one effect that reports its beginning and waits until it is let go. */
const makeRunner = () => {
  const begun: string[] = []
  const gates = new Map<string, () => void>()
  const hold = defineEffect({
    name: 'hold',
    input: z.string(),
    output: z.string(),
    reconcile: async () => ({ happened: false }),
    perform: async (_context, name) => {
      begun.push(name)
      await new Promise<void>((resolve) => gates.set(name, resolve))
      return name
    },
  })
  const runner = createEffectRunner({
    effects: new Map([['hold', hold as unknown as EffectDefinition]]),
    clock: systemClock,
    checkFence: async () => true,
    onFinished: () => {},
    onStale: () => {},
    report: () => {},
  })
  const row = (actor: string, name: string, invokeId: string | null): EffectRow => ({
    id: `${actor}/${name}`,
    actor,
    name: 'hold',
    invokeId,
    input: name,
  })
  const letGo = (name: string): void => gates.get(name)?.()
  return { runner, begun, row, letGo }
}

/** Two card moves of one task ran side by side, so that `resume` then `block` could leave a Blocked task on Running. */
test('custom actions of one actor are carried out one after another, in order', async () => {
  const { runner, begun, row, letGo } = makeRunner()
  runner.start(row('task-1', 'resume', null), 1, false)
  runner.start(row('task-1', 'block', null), 1, false)
  runner.start(row('task-2', 'other', null), 1, false)
  runner.start(row('task-1', 'invoked', 'invoked'), 1, false)
  await until(() => begun.length === 3)
  expect(begun).toEqual(['resume', 'other', 'invoked'])
  letGo('resume')
  await until(() => begun.includes('block'))
  expect(runner.take()?.effect.id).toBe('task-1/resume')
})

test('a cancelled custom action lets the next one begin', async () => {
  const { runner, begun, row } = makeRunner()
  runner.start(row('task-1', 'first', null), 1, false)
  runner.start(row('task-1', 'second', null), 1, false)
  await until(() => begun.includes('first'))
  runner.cancel('task-1/first', 'cancelled')
  await until(() => begun.includes('second'))
  expect(begun).toEqual(['first', 'second'])
})
