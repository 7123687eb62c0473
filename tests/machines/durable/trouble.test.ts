import { describe, expect, it } from 'vitest'
import { mayTryAgain, moreTrouble, type Trouble, troubleDelayMs } from '../../../machines/durable/trouble.ts'
import type { FailureClass } from '../../../src/contracts/failure.ts'
import { failed } from './support/samples.ts'

const errorOf = (cls: FailureClass) => ({ type: 'xstate.error.actor.plan', error: failed(cls) })
const tried = (tries: number): Trouble => ({ at: 'planning', tries, reason: 'no route' })

describe('trouble', () => {
  it.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [6, 160_000],
    [7, 300_000],
    [60, 300_000],
  ])('after %i failures waits %i ms', (tries, delayMs) => {
    expect(troubleDelayMs(tried(tries))).toBe(delayMs)
  })

  it.each([
    ['infra_tooling', true],
    ['publish_failed', true],
    ['rate_limited', true],
    ['auth', false],
    ['validation_failure', false],
  ] as const)('of class %s passes by itself: %s', (cls, passes) => {
    expect(mayTryAgain(null, 'planning', 5, errorOf(cls))).toBe(passes)
  })

  it('ends after so many failures in a row at the same state', () => {
    expect(mayTryAgain(tried(4), 'planning', 5, errorOf('infra_tooling'))).toBe(true)
    expect(mayTryAgain(tried(5), 'planning', 5, errorOf('infra_tooling'))).toBe(false)
    expect(mayTryAgain(tried(5), 'judging', 5, errorOf('infra_tooling'))).toBe(true)
  })

  it('takes an error that is no failure for broken tooling, with its message', () => {
    const broken = { type: 'xstate.error.actor.plan', error: { message: 'boom' } }
    expect(moreTrouble(tried(2), 'planning', broken)).toEqual({ at: 'planning', tries: 3, reason: 'boom' })
  })
})
