import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { git } from '../../src/platform/git.ts'
import { processesUnder } from './support/processes-under.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: hostile
state_dir: state
sandbox: off
repos:
  app:
    url: remote.git
    checks: [grep -q mended src/app.txt]
    allowed_paths: ["src/**"]
    merge: auto
agents:
  hostile: {type: command, command: [./hostile.sh], timeout: 1m}
lanes:
  goal: {agent: hostile, concurrency: 2, max_attempts: 1}
  review: {}
gates: {signing: optional}
`

/** Runs in place of git's helpers. The agent names its own file, so that what it runs itself is told apart. */
const EVIL = `#!/bin/sh
echo "$0 $*" >>"\${CANARY:-$(dirname "$0")/canary}"
cat
`

/** Does its work, then plants a program wherever git looks for one; with a wide task it leaves its scope in every way. */
const HOSTILE = `#!/bin/sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prompt=$(cat)
evil=$here/evil.sh
export CANARY="$here/control"
git config --global user.name hostile && git config --global user.email hostile@localhost

echo mended >src/app.txt
git switch --quiet --create mine
git commit --quiet --all --message 'committed by the agent'
echo stashed >src/stashed.txt
git stash --quiet --include-untracked

mkdir -p .git/hooks .git/info
for name in applypatch-msg commit-msg fsmonitor-watchman post-applypatch post-checkout post-commit post-index-change \\
  post-merge post-rewrite pre-applypatch pre-auto-gc pre-commit pre-merge-commit pre-push pre-rebase \\
  prepare-commit-msg push-to-checkout reference-transaction; do
  cp "$evil" ".git/hooks/$name"
  sed -i "s|\\$(dirname \\"\\$0\\")|$here|" ".git/hooks/$name"
done
echo '* filter=evil diff=evil merge=evil' >.git/info/attributes
git config core.hooksPath .git/hooks
git config filter.evil.clean "$evil clean"
git config filter.evil.smudge "$evil smudge"
git config diff.evil.textconv "$evil textconv"
git config diff.evil.command "$evil diff"
git config merge.evil.driver "$evil merge"
for key in core.fsmonitor core.sshCommand core.editor core.pager core.askPass core.gitProxy diff.external \\
  sequence.editor credential.helper uploadpack.packObjectsHook gpg.program; do
  git config "$key" "$evil"
done
git config --global core.fsmonitor "$evil"
git config url."ext::$evil %S".insteadOf "$here/remote.git"
setsid sleep 300 &

# The planted programs do work: they run for the agent itself.
git add src/app.txt && git status >/dev/null && rm src/app.txt && git checkout --quiet --force HEAD
echo mended >src/app.txt
git commit --quiet --allow-empty --message 'through the hooks' </dev/null
git config commit.gpgSign true

case $prompt in *'everywhere'*)
  mkdir -p docs nested
  git mv src/moved.txt docs/moved.txt
  git -C nested init --quiet --initial-branch=main
  echo inner >nested/inner.txt
  git -C nested add . && git -C nested commit --quiet --message 'inner work'
  echo untracked >untracked.txt
  echo ignored >ignored.log
  printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ./sub\\n\\tupdate = !%s\\n' "$evil" >.gitmodules
  echo '* filter=evil diff=evil merge=evil' >.gitattributes
  ln -s /etc/passwd src/link
esac
`

interface Task {
  readonly id: string
  readonly title: string
  readonly state: string
  readonly reason: string
}

let system: System
let wide: Task
let narrow: Task

beforeAll(async () => {
  system = makeSystem(
    MANIFEST,
    { 'src/moved.txt': 'moved\n', '.gitignore': '*.log\n' },
    { 'hostile.sh': HOSTILE, 'evil.sh': EVIL },
  )
  await system.addTask('Mend the app, everywhere')
  await system.addTask('Mend the app, where it belongs')
  const run = await system.run()
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 3, stderr: '' })
  const { tasks } = await system.json<{ tasks: Task[] }>(['task', 'list'])
  wide = tasks.find(({ title }) => title.includes('everywhere')) as Task
  narrow = tasks.find(({ title }) => title.includes('belongs')) as Task
}, 60_000)

const savedOf = async (task: Task): Promise<string> => {
  const { stdout } = await git(['for-each-ref', '--format=%(refname)', 'refs/saved'], {
    gitDir: system.layout.saved,
  })
  const ref = stdout
    .split('\n')
    .find((name) => name.includes(task.id.replace('task-', '')) && name.endsWith('/files'))
  return ref?.replace(/\/files$/, '') ?? `nothing saved of ${task.id} in:\n${stdout}`
}

const show = async (object: string): Promise<string> =>
  (await git(['show', object], { gitDir: system.layout.saved })).stdout

describe('an agent that plants programs wherever git would run them', () => {
  test('they ran for the agent, so they work; none of them ever ran for us', () => {
    const control = system.read('control')
    for (const planted of [
      'hooks/pre-commit',
      'hooks/reference-transaction',
      'evil.sh clean',
      'evil.sh smudge',
    ])
      expect(control).toContain(planted)
    expect(existsSync(join(system.dir, 'canary'))).toBe(false)
    expect(processesUnder(system.dir)).toEqual([])
  })

  test('inside its scope its work is merged: the content of the files, and nothing it committed itself', () => {
    expect(narrow).toMatchObject({ state: 'Done' })
    expect(system.log()).toEqual(['Mend the app, where it belongs', 'The project', 'first'])
    expect(system.show('src/app.txt')).toBe('mended')
    expect(system.repo.gitBare('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual([
      '.gitignore',
      'README.md',
      'src/app.txt',
      'src/moved.txt',
    ])
    expect(system.repo.gitBare('log', '--all', '--format=%s')).not.toContain('committed by the agent')
  })

  test('outside its scope it is Blocked as scope_policy, both names of a rename are seen, nothing is pushed', async () => {
    expect(wide).toMatchObject({ state: 'Blocked' })
    const { stdout } = await system.oc(['explain', wide.id])
    expect(stdout).toContain('scope_policy')
    const shown = await system.oc(['task', 'show', wide.id])
    for (const path of ['docs/moved.txt', 'nested', '.gitmodules'])
      expect(shown.stdout + stdout).toContain(path)
    const branches = system.repo.gitBare('for-each-ref', '--format=%(refname)')
    expect(branches).not.toContain(wide.id.replace('task-', ''))
  })

  test('its workspace is gone, and all of its work can be recovered from saved.git', async () => {
    expect(readdirSync(system.layout.workspaces)).toEqual([])
    const saved = await savedOf(wide)
    for (const [path, content] of [
      ['src/app.txt', 'mended\n'],
      ['docs/moved.txt', 'moved\n'],
      ['untracked.txt', 'untracked\n'],
      ['ignored.log', 'ignored\n'],
      ['nested/inner.txt', 'inner\n'],
      ['src/link', '/etc/passwd'],
    ] as const)
      expect(await show(`${saved}/files:tree/${path}`)).toBe(content)
    const { stdout } = await git(['for-each-ref', '--format=%(refname) %(subject)', saved], {
      gitDir: system.layout.saved,
    })
    expect(stdout).toMatch(/\/git\/0\/all\/heads\/mine through the hooks/)
    expect(stdout).toMatch(/\/git\/0\/stash\/0 /)
    expect(stdout).toMatch(/\/git\/1\/all\/heads\/main inner work/)
    const stash = /(\S+\/git\/0\/stash\/0) /.exec(stdout)?.[1]
    expect(await show(`${stash}^3:src/stashed.txt`)).toBe('stashed\n')
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  })
})
