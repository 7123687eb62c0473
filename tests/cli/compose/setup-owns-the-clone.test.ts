import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkCommit } from '../../../src/cli/compose/check-commit.ts'
import { newId } from '../../../src/platform/random.ts'
import { findSandbox } from '../../../src/platform/sandbox/find-sandbox.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { makeTestRepo } from '../../support/test-repo.ts'

/**
 * Checks a commit whose setup runs `attack` (`@OUT` is a folder outside the clone), and then once more with `test/a.sh`
 * and `test/list` as the base has them. The base's test passes only as the base wrote it.
 */
const checked = async (attack: string, { sandbox = 'off', files = {} } = {}) => {
  const dir = makeTempDir('setup-owns')
  const repo = makeTestRepo(dir)
  const out = join(dir, 'out')
  mkdirSync(out)
  const base = repo.commit('base', {
    'test/a.sh': `grep -qx 'all of it' test/list && git diff --exit-code\n`,
    'test/list': 'all of it\n',
    'setup.sh': 'true\n',
  })
  const sha = repo.commit('work', {
    'test/a.sh': 'true\n',
    'setup.sh': attack.replaceAll('@OUT', out),
    ...files,
  })
  repo.push()
  const layout = stateLayout(join(dir, 'state'))
  for (const folder of [layout.mirrors, layout.workspaces, layout.registrations, layout.logs])
    mkdirSync(folder, { recursive: true })
  execFileSync('git', ['clone', '--quiet', '--mirror', repo.bare, layout.mirror('api')], { env: repo.env })
  const check = { name: 'test', run: 'sh test/a.sh', timeoutMs: 60_000, retries: 0, network: [] }
  const command = { key: 'api', setup: ['sh setup.sh'], setupTimeoutMs: 60_000, setupNetwork: [], env: {} }
  const port = {
    ...{ layout, owner: newId('inc'), repo: () => ({ ...command, checks: [check] }) },
    manifest: { limits: {}, sandbox, sandboxRead: [], agents: {} },
  }
  const report = await checkCommit(port as never)({
    ...{ attemptId: newId('att'), repo: 'api', sha, purpose: 'head', effectId: 'effect' },
    restore: { baseSha: base, paths: ['test/a.sh', 'test/list'] },
  })
  return { report, out, layout }
}

const FILTER = `printf '[filter "x"]\\n\\tsmudge = "touch @OUT/ran; cat"\\n' >>.git/config
mkdir -p .git/info; echo '* filter=x' >.git/info/attributes; echo '* filter=x' >.gitattributes
`

describe('what setup did to the clone it ran in', () => {
  for (const sandbox of ['off', ...(findSandbox().ok ? ['on'] : [])])
    test(`a filter it wrote into the clone's .git never runs outside the walls (sandbox ${sandbox})`, async () => {
      const { report, out } = await checked(FILTER, { sandbox })
      expect(report.restored).toEqual(['test/a.sh', 'test/list'])
      expect(existsSync(join(out, 'ran'))).toBe(false)
    })

  test('the tests of the base are put back as the base has them, and git shows no difference', async () => {
    const { report } = await checked('echo nothing >test/list; echo true >test/a.sh')
    expect(report).toMatchObject({ passed: true, restored: ['test/a.sh', 'test/list'] })
  })

  test('a folder that it replaced by a link leads nowhere', async () => {
    const { report, out } = await checked(
      'echo theirs >@OUT/list; rm -r test; ln -s @OUT test; echo true >test/a.sh',
    )
    expect(report).toMatchObject({ passed: true })
    expect(readFileSync(join(out, 'list'), 'utf8')).toBe('theirs\n')
    expect(readFileSync(join(out, 'a.sh'), 'utf8')).toBe('true\n')
  })

  test('a .git that it replaced by a link leads nowhere', async () => {
    const { report, out } = await checked('mv .git @OUT/git; ln -s @OUT/git .git; cp .git/index @OUT/index')
    expect(report.restored).toHaveLength(2)
    expect(readFileSync(join(out, 'git/index'))).toEqual(readFileSync(join(out, 'index')))
  })

  test('attributes of the judged commit do not rewrite the tests of the base', async () => {
    const files = { '.gitattributes': 'test/list text eol=crlf\n' }
    expect((await checked('true', { files })).report).toMatchObject({ passed: true })
  })

  test('folders that it made read-only are written all the same', async () => {
    const { report, layout } = await checked('chmod -R a-w . .git')
    expect(report).toMatchObject({ passed: true })
    expect(existsSync(layout.workspaces)).toBe(true)
  })
})
