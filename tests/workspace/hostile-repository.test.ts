import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { readText, recover, release } from './saved-work.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

test('an agent that plants programs all over its .git: nothing of it runs as us, scope holds, all of it comes back', async () => {
  const fixture = makeFixture()
  const { agentGit, repo } = fixture
  const linked = repo.git('rev-parse', 'HEAD')
  repo.git('update-index', '--add', '--cacheinfo', `160000,${linked},sub`)
  repo.git('commit', '--quiet', '--message', 'submodule')
  repo.push()
  const { path: tree } = await fixture.prepare('att-1')
  const canary = join(fixture.workspacesDir, '..', 'canary')
  const evil = join(tree, 'evil.sh')
  writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >>${canary}\ncat\n`)
  chmodSync(evil, 0o755)
  agentGit(tree, 'checkout', '--quiet', '-b', 'mine')
  writeFileSync(join(tree, 'src/app.txt'), 'committed by the agent\n')
  agentGit(tree, 'commit', '--quiet', '--all', '--message', 'mine')
  for (const dir of [tree, join(tree, 'sub'), join(tree, 'nested')]) {
    mkdirSync(dir, { recursive: true })
    if (dir !== tree) {
      agentGit(dir, 'init', '--quiet')
      writeFileSync(join(dir, 'inside.txt'), 'inside\n')
      agentGit(dir, 'add', '.')
      agentGit(dir, 'commit', '--quiet', '--message', 'inside')
      writeFileSync(join(dir, 'inside.txt'), 'inside, changed\n')
    }
    writeFileSync(join(dir, '.gitattributes'), '* filter=evil diff=evil merge=evil\n')
    plantHostileConfiguration(join(dir, '.git'), evil)
  }
  symlinkSync('/etc', join(tree, '.git/objects/ee'))
  writeFileSync(join(tree, 'untracked.txt'), 'untracked\n')
  execFileSync('mv', [join(tree, 'README.md'), join(tree, 'out-of-scope.md')])

  const workspace = await fixture.prepare('att-1')
  const { measurement } = await measureWork({
    ...fixture,
    attemptId: 'att-1',
    workspace,
    message: 'm',
    nowMs: NOW_MS,
  })
  if (measurement.changed.status !== 'KNOWN') throw new Error(JSON.stringify(measurement.changed))
  expect(measurement.changed.files.map((file) => `${file.change} ${file.kind} ${file.path}`).sort()).toEqual([
    'added executable evil.sh',
    'added file .gitattributes',
    'added file out-of-scope.md',
    'added file untracked.txt',
    'added submodule nested',
    'deleted none README.md',
    'modified file src/app.txt',
    'modified submodule sub',
  ])
  await release(fixture, 'att-1')
  const recovered = join(await recover(fixture, 'att-1'), 'tree')
  expect(existsSync(canary) ? readFileSync(canary, 'utf8') : '').toBe('')

  expect(existsSync(tree)).toBe(false)
  expect(readText(recovered, 'untracked.txt')).toBe('untracked\n')
  expect(readText(recovered, 'nested/inside.txt')).toBe('inside, changed\n')
  expect(agentGit(recovered, 'log', '-1', '--format=%s', 'mine')).toBe('mine')
  expect(agentGit(join(recovered, 'sub'), 'show', 'HEAD:inside.txt')).toBe('inside')
  expect(existsSync(canary)).toBe(false)

  // The trap is real: a git that trusts such a folder walks into it.
  plantHostileConfiguration(join(recovered, 'nested/.git'), join(recovered, 'evil.sh'))
  spawnSync('git', ['status'], { cwd: join(recovered, 'nested'), env: repo.env, stdio: 'ignore' })
  expect(readFileSync(canary, 'utf8')).toContain('evil.sh')
})

/** Everything in a repository that can name a program, all of it naming `evil`. */
const plantHostileConfiguration = (gitDir: string, evil: string): void => {
  writeFileSync(
    join(gitDir, 'config'),
    `[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = ${evil}
	hooksPath = ${join(gitDir, 'hooks')}
	sshCommand = ${evil}
	gitProxy = ${evil}
	pager = ${evil}
	editor = ${evil}
	askPass = ${evil}
	alternateRefsCommand = ${evil}
[extensions]
	partialClone = origin
[remote "origin"]
	url = ext::${evil}
	promisor = true
	uploadpack = ${evil}
	vcs = ${evil}
[protocol "ext"]
	allow = always
[filter "evil"]
	clean = ${evil}
	smudge = ${evil}
	process = ${evil}
	required = true
[diff]
	external = ${evil}
[diff "evil"]
	textconv = ${evil}
	command = ${evil}
[merge "evil"]
	driver = ${evil}
[uploadpack]
	packObjectsHook = ${evil}
[gpg]
	program = ${evil}
[commit]
	gpgSign = true
[credential]
	helper = ${evil}
[submodule "sub"]
	update = !${evil}
	url = ext::${evil}
[alias]
	status = !${evil}
[include]
	path = ${join(gitDir, 'more')}
`,
  )
  writeFileSync(join(gitDir, 'more'), `[core]\n\tfsmonitor = ${evil}\n`)
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'reference-transaction',
    'post-index-change',
    'pre-push',
  ]) {
    mkdirSync(join(gitDir, 'hooks'), { recursive: true })
    symlinkSync(evil, join(gitDir, 'hooks', hook))
  }
  mkdirSync(join(gitDir, 'info'), { recursive: true })
  writeFileSync(join(gitDir, 'info/attributes'), '* filter=evil diff=evil\n')
  mkdirSync(join(gitDir, 'objects/info'), { recursive: true })
  writeFileSync(join(gitDir, 'objects/info/alternates'), '/etc\n../../../../../../../nowhere\n')
}
