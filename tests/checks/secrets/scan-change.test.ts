import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanChange } from '../../../src/checks/secrets/scan-change.ts'
import { EFFECT_IO } from '../../../src/contracts/effect-io.ts'
import { PLANTED } from '../../platform/secrets/planted-secrets.ts'

const NAME = 'agents.claude.ANTHROPIC_API_KEY'
const VALUE = 'canary-value-of-ours-42'
const OURS = [{ name: NAME, value: VALUE }]

interface Change {
  readonly before?: string | null
  readonly after?: string | null
  readonly path?: string
  readonly message?: string
  readonly tooLarge?: boolean
  readonly change?: 'modified' | 'deleted'
  readonly more?: Parameters<typeof scanChange>[0]['blobs']
}

const scan = async (change: Change, maySeem = (_path: string) => false) => {
  const {
    before = null,
    after = null,
    path = 'src/a.ts',
    message = 'A title\n',
    tooLarge = false,
    change: kind = 'modified',
    more = [],
  } = change
  const blobs = [{ path, change: kind, before, after, tooLarge }, ...more]
  return EFFECT_IO.scanSecrets.output.parse({ findings: await scanChange({ blobs, message }, OURS, maySeem) })
    .findings
}
const rules = async (...args: Parameters<typeof scan>): Promise<string[]> =>
  (await scan(...args)).map(({ rule }) => rule)

describe('by shape', () => {
  const kinds = Object.entries(PLANTED).filter(
    ([id]) => !['authorization-header', 'bearer-token', 'url-password'].includes(id),
  )
  test.each(kinds)('%s is found at its line', async (_, { text }) => {
    const found = await scan({ after: `first\n${text.replace('before\n', '')}\nlast\n` })
    expect(found).toEqual([expect.objectContaining({ path: 'src/a.ts', line: 2 })])
  })

  test('by rules of secretlint that we have no pattern for, whatever a comment says', async () => {
    const line = `postgres://admin:${'hunter2'}hunter@db.internal:5432/app`
    expect(await rules({ after: `// secretlint-disable\n${line}\n` })).toEqual([
      'secretlint/database-connection-string/PostgreSQLConnection',
    ])
  })

  test.each<[string, string]>([
    ['a made-up address', 'https://user:password@example.test'],
    ['a made-up header', 'Authorization: Bearer YOUR-TOKEN-GOES-HERE'],
    ['words about keys', `-----BEGIN ${'PRIVATE'} KEY----- is how it begins`],
    ['a variable', 'const key = process.env.ANTHROPIC_API_KEY'],
    ['a hash', `sha512-${'aB3+'.repeat(22)}==`],
  ])('%s is none', async (_, text) => expect(await scan({ after: `${text}\n` })).toEqual([]))
})

describe('by value', () => {
  test.each([
    ['as it is', `x = "${VALUE}"`],
    ['in base64', `data: ${Buffer.from(`ab${VALUE}c`).toString('base64')}`],
    ['in hex', Buffer.from(VALUE).toString('hex')],
    ['among bytes', `\0\xff${VALUE}\0`],
  ])('%s', async (_, after) => {
    expect(await scan({ after })).toEqual([
      { path: 'src/a.ts', line: 1, rule: `value/${NAME}`, message: `holds the secret of ${NAME}` },
    ])
  })
})

describe('where', () => {
  const { text, secret } = PLANTED['github-token'] as { text: string; secret: string }

  test('in the commit message', async () => {
    expect(await scan({ message: `A title\n\n${text}\n` })).toEqual([
      { path: 'the commit message', line: 3, rule: 'pattern/github-token', message: 'holds a GitHub token' },
    ])
  })

  test('in the name of a file, which is then not shown', async () => {
    expect(await scan({ path: `src/${secret}/${VALUE}.ts`, after: '' })).toEqual([
      {
        path: 'src/[redacted]/[redacted].ts',
        line: null,
        rule: `value/${NAME}`,
        message: `its name holds the secret of ${NAME}`,
      },
    ])
  })

  test('what the base holds already has left this machine before', async () => {
    expect(await rules({ before: `${text}\n`, after: `// more\n${text}\n` })).toEqual([])
    const moved = [
      { path: 'src/b.ts', change: 'deleted' as const, before: `${text}\n`, after: null, tooLarge: false },
    ]
    expect(await rules({ after: `${text}\n`, more: moved })).toEqual([])
    expect(await rules({ before: text, after: null })).toEqual([])
  })

  test('a file may seem to hold one, but never one of ours', async () => {
    const meant = (path: string) => path === 'src/a.ts'
    expect(await rules({ after: text }, meant)).toEqual([])
    expect(await rules({ after: `${text} ${VALUE}` }, meant)).toEqual([`value/${NAME}`])
  })

  test('what cannot be read is said', async () => {
    expect(await rules({ tooLarge: true })).toEqual(['scan/too-large'])
    expect(await rules({ tooLarge: true, after: text })).toEqual(['pattern/github-token'])
    expect(await rules({ tooLarge: true, after: 'small now' })).toEqual([])
    expect(await rules({ tooLarge: true, change: 'deleted' })).toEqual([])
  })
})

test('whatever is planted wherever, it is found, and nothing of it is in what is said', async () => {
  const secrets = [...Object.entries(PLANTED), ['value', { text: `x ${VALUE} y`, secret: VALUE }] as const]
    .filter(([id]) => !['authorization-header', 'bearer-token', 'url-password'].includes(id))
    .map(([, planted]) => planted)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...secrets),
      fc.constantFrom('after', 'message'),
      fc.array(
        fc.oneof(fc.string(), fc.constantFrom('\n', '// secretlint-disable\n', '/*', '\u202e', '\0')),
        { maxLength: 6 },
      ),
      fc.string({ maxLength: 10 }),
      async ({ text, secret }, where, around, path) => {
        const found = await scan({
          path: `src/${path}`,
          [where]: `${around.join('')}\n${text}\n${around.join('')}`,
        })
        const said = JSON.stringify(found)
        return (
          found.length > 0 && secret.split('\n').every((line) => line.length < 12 || !said.includes(line))
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('a change of a thousand findings names a hundred', async () => {
  const token = (index: number): string => `gh${'p_'}${String(index).padStart(36, 'a')}`
  const after = Array.from({ length: 1000 }, (_, index) => token(index)).join('\n')
  expect(await scan({ after })).toHaveLength(100)
})
