import { describe, expect, test } from 'vitest'
import {
  type AdmissionFacts,
  decideAdmission,
  type Hindrance,
  hostHindrance,
} from '../../../src/cli/lane/decide-admission.ts'

const FREE: AdmissionFacts = {
  laneRunning: 0,
  laneConcurrency: 1,
  allRunning: 3,
  allConcurrency: 4,
  freeMemoryBytes: 600 * 1024 ** 2,
  minFreeMemoryBytes: 512 * 1024 ** 2,
  freeDiskBytes: 2 * 1024 ** 3,
  minFreeDiskBytes: 1024 ** 3,
}

test.each([
  [{}, null],
  [{ laneRunning: 1 }, /^lane concurrency: 1 of 1/],
  [{ allRunning: 4 }, /^limits\.concurrency: 4 of 4/],
  [{ freeMemoryBytes: 511 * 1024 ** 2 }, /^limits\.min_free_memory: 511 MiB free, 512 MiB wanted/],
  [{ freeDiskBytes: 1 }, /^limits\.min_free_disk/],
])('the host: %j', (change, said) => {
  const hindrance = hostHindrance({ ...FREE, ...change })
  if (said === null) expect(hindrance).toBeNull()
  else expect(hindrance?.reason).toMatch(said)
})

describe('repositories and agents', () => {
  const no = (reason: string, retryInMs: number | null = null): Hindrance => ({ reason, retryInMs })
  const refused = (given: Record<string, Hindrance>) => new Map(Object.entries(given))

  test('nothing refuses: everything may be claimed', () => {
    expect(decideAdmission(['api', 'web'], [refused({})])).toEqual({
      admitted: true,
      exceptRepos: [],
      hindrance: null,
    })
  })

  test('a refused repository is left out, the others are not', () => {
    const agents = [refused({ api: no('budget', 5) })]
    expect(decideAdmission(['api', 'web'], agents)).toEqual({
      admitted: true,
      exceptRepos: ['api'],
      hindrance: no('budget', 5),
    })
  })

  test('where all are refused, what is over first is named', () => {
    const agents = [refused({ api: no('late', 9), web: no('soon', 5) })]
    expect(decideAdmission(['api', 'web'], agents)).toEqual({ admitted: false, reason: 'soon', retryInMs: 5 })
  })

  test('one agent that may is enough', () => {
    const agents = [refused({ api: no('breaker', 5) }), refused({})]
    expect(decideAdmission(['api'], agents)).toEqual({ admitted: true, exceptRepos: [], hindrance: null })
    const both = [refused({ api: no('breaker') }), refused({ api: no('quota', 7) })]
    expect(decideAdmission(['api'], both)).toEqual({ admitted: false, reason: 'quota', retryInMs: 7 })
  })

  test('without any agent nothing is held back here: the plan says what is missing', () => {
    expect(decideAdmission(['api'], [])).toEqual({ admitted: true, exceptRepos: [], hindrance: null })
  })
})
