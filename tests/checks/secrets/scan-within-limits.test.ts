import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { scanChange } from '../../../src/checks/secrets/scan-change.ts'
import { scanWithinLimits } from '../../../src/checks/secrets/scan-within-limits.ts'
import { EFFECT_IO } from '../../../src/contracts/effect-io.ts'

const OURS = [{ name: 'agents.claude.ANTHROPIC_API_KEY', value: 'canary-value-of-ours-42' }]
const blob = (path: string, before: string | null, after: string | null) => ({
  ...{ path, before, after },
  change: after === null ? ('deleted' as const) : ('modified' as const),
  tooLarge: false,
})
const tokens = (count: number): string =>
  Array.from({ length: count }, (_, at) => `k${at} = "ghp_${String(at).padStart(36, 'a1b2')}"\n`).join('')
const CODE = 'const a = fetch("https://example.org/x") // some line of code that is plain\n'.repeat(100_000)
const none = () => false

describe('a change is scanned whatever it holds', () => {
  test('a large one beside the loop, which turns meanwhile, with what is found of a small one', async () => {
    const blobs = [
      blob('meant.ts', null, tokens(10)),
      blob('a.ts', null, `${CODE}${tokens(2)}${OURS[0]?.value}\n`),
    ]
    const change = { blobs, message: 'A title\n' }
    const maySeem = (path: string) => path === 'meant.ts'
    let turns = 0
    let done = false
    const scanned = scanWithinLimits(change, OURS, maySeem).finally(() => {
      done = true
    })
    for (; !done; turns += 1) await turn()
    const found = await scanned
    expect(found).toEqual(await scanChange(change, OURS, maySeem))
    expect(found.map(({ rule }) => rule)).toEqual([
      'pattern/github-token',
      'pattern/github-token',
      `value/${OURS[0]?.name}`,
    ])
    expect(turns).toBeGreaterThan(10)
  })

  test('one that takes too long is a finding', async () => {
    const change = { blobs: [blob('a.ts', null, CODE)], message: '' }
    const findings = await scanWithinLimits(change, OURS, none, 0)
    expect(findings).toMatchObject([{ rule: 'scan/not-scanned', line: null }])
    expect(findings[0]?.message).toMatch(/took longer than 0 s/)
    EFFECT_IO.scanSecrets.output.parse({ findings })
  })

  test.each([
    ['thousands of new tokens beside a large file that is gone', CODE, null, null, tokens(5_000), 100],
    ['thousands of known ones of which one line is new', null, null, tokens(40_000), tokens(40_001), 1],
  ])('%s take no time of each with each', async (_, goneBefore, goneAfter, before, after, count) => {
    const blobs = [blob('gone.ts', goneBefore, goneAfter), blob('b.ts', before, after)]
    const found = await scanWithinLimits({ blobs, message: '' }, OURS, none, 15_000)
    expect(found.map(({ rule }) => rule)).toEqual(Array(count).fill('pattern/github-token'))
  })
})
