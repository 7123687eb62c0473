import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isFlaky, noteChecks } from '../../src/checks/check-history.ts'
import { CheckReport } from '../../src/contracts/checks.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const SHA = 'a'.repeat(40)

const report = (outcomes: Record<string, boolean>, restoredFrom: string | null = null): CheckReport =>
  CheckReport.parse({
    sha: SHA,
    purpose: 'head',
    passed: Object.values(outcomes).every(Boolean),
    containment: 'swept',
    results: Object.entries(outcomes).map(([name, passed]) => ({
      name,
      run: name,
      outcome: passed ? 'passed' : 'failed',
      exitCode: passed ? 0 : 1,
      durationMs: 1,
      attempts: 1,
      excerpt: '',
      restoredFrom,
    })),
  })

/** `p` passed, `f` failed. */
const runs = (text: string): boolean[] => [...text].map((letter) => letter === 'p')

describe('isFlaky', () => {
  test.each([
    ['ppppppp', false],
    ['fffpppppp', false],
    ['fffppppppp', true],
    ['ffpppppppp', false],
    ['ffffffffff', false],
    ['fffpppppppp', false],
    ['pfffpppppppfff', true],
  ])('%s: %s', (text, expected) => expect(isFlaky(runs(text))).toBe(expected))
})

describe('noteChecks', () => {
  test('knows a flaky check from its history, each run noted once', async () => {
    const store = await openSqliteStore({
      path: join(makeTempDir('checks'), 'journal.db'),
      clock: systemClock,
    })
    const note = (outcomes: Record<string, boolean>, key: string, restoredFrom: string | null = null) =>
      noteChecks(store, { repo: 'api', report: report(outcomes, restoredFrom), key, nowMs: 1, writer: 'w' })
    for (const [n, passed] of runs('fffpppppp').entries()) {
      const outcomes = { unit: passed, lint: true }
      expect([...(await note(outcomes, `run-${n}`))]).toEqual([])
      await note(outcomes, `run-${n}`)
    }
    // The tenth run is judged by the nine before it, the eleventh by ten.
    expect([...(await note({ unit: true, lint: true }, 'run-9'))]).toEqual([])
    expect([...(await note({ unit: false }, 'base', SHA))]).toEqual(['unit'])
    expect([...(await note({ unit: false, lint: true }, 'run-10'))]).toEqual(['unit'])
    expect(await store.get('check-history', 'api')).toMatchObject({
      value: [
        { name: 'unit', passed: runs('ffppppppp'.concat('f')) },
        { name: 'lint', passed: runs('pppppppppp') },
      ],
    })
    await store.close()
  })

  test('two lanes that note at the same time lose nothing', async () => {
    const path = join(makeTempDir('checks'), 'journal.db')
    const stores = await Promise.all([1, 2].map(() => openSqliteStore({ path, clock: systemClock })))
    await Promise.all(
      stores.flatMap((store, lane) =>
        [1, 2, 3, 4].map((n) =>
          noteChecks(store, {
            repo: 'api',
            report: report({ unit: true }),
            key: `${lane}/${n}`,
            nowMs: 1,
            writer: 'w',
          }),
        ),
      ),
    )
    expect(await stores[0]?.get('check-history', 'api')).toMatchObject({
      value: [{ passed: runs('pppppppp') }],
    })
    for (const store of stores) await store.close()
  })
})
