import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { findTampering } from '../../../src/checks/tampering/find-tampering.ts'
import { judgeWithinLimits } from '../../../src/checks/tampering/judge-within-limits.ts'

const changed = (path: string, before: string | null, after: string | null) => ({
  ...{ path, before, after },
  tooLarge: false,
})
const LOST = changed('a.test.js', "it('adds', () => { expect(add(1, 2)).toBe(3) })\n", '')

describe('a change is judged whatever it holds', () => {
  test('a large one beside the loop, which turns meanwhile, with what is found of a small one', async () => {
    const change = [LOST, changed('data.js', null, '=/['.repeat(300_000))]
    let turns = 0
    let done = false
    const judged = judgeWithinLimits(change, ['npm test']).finally(() => {
      done = true
    })
    for (; !done; turns += 1) await turn()
    expect(await judged).toEqual(findTampering(change, ['npm test']))
    expect(turns).toBeGreaterThan(10)
  })

  test('one that takes too long is a finding that no leave to change tests covers, and what paths tell is told', async () => {
    const change = [LOST, changed('data.js', null, 'it\n'.repeat(100_000)), changed('ci/x.yml', 'a', 'b')]
    const { found, judges } = await judgeWithinLimits(change, ['./ci/x.yml'], 0)
    expect(found[0]).toMatchObject({ rule: 'tampering.not_judged', concerns: 'checks' })
    expect(found[0]?.message).toMatch(/took longer than 0 s/)
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(['data.js', 'ci/x.yml']))
    expect(judges).toEqual(['a.test.js', 'ci/x.yml'])
  })

  test('settings of the checks that are too large to be judged are a finding', () => {
    const large = JSON.stringify({ scripts: { test: 'true' }, x: 'x'.repeat(1024 * 1024) })
    expect(findTampering([changed('package.json', '{}', large)], ['npm test']).found).toMatchObject([
      { rule: 'tampering.not_judged', path: 'package.json' },
    ])
  })

  test('targets that lead through each other without end are a finding, not a failure', async () => {
    const chain = Array.from({ length: 100_000 }, (_, at) => `t${at}: t${at + 1}\n`).join('')
    const { found } = await judgeWithinLimits([changed('Makefile', null, chain)], ['make t0'])
    expect(found[0]?.rule).toBe('tampering.not_judged')
  })
})
