import { chmodSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readText, recover, release } from './saved-work.ts'
import { type Fixture, makeFixture } from './workspace-fixture.ts'

test.each([
  [
    'a branch whose commit is gone',
    'tree/.git',
    (tree: string, { agentGit }: Fixture) => {
      agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'x')
      const sha = agentGit(tree, 'rev-parse', 'HEAD')
      rmSync(join(tree, '.git/objects', sha.slice(0, 2), sha.slice(2)), { force: true })
    },
  ],
  [
    'a damaged object',
    'tree/.git',
    (tree: string, { agentGit }: Fixture) => {
      writeFileSync(join(tree, 'new.txt'), 'content that compresses to something\n')
      agentGit(tree, 'add', '.')
      agentGit(tree, 'commit', '--quiet', '--message', 'x')
      const sha = agentGit(tree, 'rev-parse', 'HEAD:new.txt')
      const path = join(tree, '.git/objects', sha.slice(0, 2), sha.slice(2))
      chmodSync(path, 0o600)
      truncateSync(path, 10)
    },
  ],
  [
    'a list of branches that is too large to be read',
    'tree/.git',
    (tree: string, { agentGit }: Fixture) => {
      agentGit(tree, 'switch', '--quiet', '--create', 'side')
      agentGit(tree, 'commit', '--quiet', '--allow-empty', '--message', 'on a side')
      agentGit(tree, 'pack-refs', '--all')
      truncateSync(join(tree, '.git/packed-refs'), 2 ** 31)
    },
  ],
  [
    'a nested repository with refs we cannot read',
    'tree/nested/.git',
    (tree: string) => {
      mkdirSync(join(tree, 'nested/.git/reftable/x'), { recursive: true })
    },
  ],
])('%s blocks the removal and is named; nothing is deleted', async (_, path, spoil) => {
  const fixture = makeFixture()
  const { path: tree } = await fixture.prepare('att-1')
  writeFileSync(join(tree, 'work.txt'), 'x\n')
  spoil(tree, fixture)
  const failure = await release(fixture, 'att-1').catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'CannotSave', failureClass: 'infra_tooling' })
  expect(String(failure)).toContain('nothing was deleted')
  expect(String(failure)).toMatch(new RegExp(`${path}|att-1`))
  expect(existsSync(join(tree, 'work.txt'))).toBe(true)
  rmSync(join(tree, path.slice('tree/'.length)), { recursive: true })
  await release(fixture, 'att-1')
  expect(existsSync(tree)).toBe(false)
  expect(readText(await recover(fixture, 'att-1'), 'tree/work.txt')).toBe('x\n')
})
