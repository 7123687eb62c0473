import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChangedFile, Workspace } from '../../src/contracts/work.ts'
import { git } from '../../src/platform/git.ts'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { type Fixture, makeFixture, NOW_MS } from './workspace-fixture.ts'

const measure = (fixture: Fixture, attemptId: string, workspace: Workspace) =>
  measureWork({ ...fixture, attemptId, workspace, message: 'do it', nowMs: NOW_MS })

const changesOf = async (fixture: Fixture, workspace: Workspace): Promise<string[]> => {
  const { measurement } = await measure(fixture, 'att-1', workspace)
  if (measurement.changed.status !== 'KNOWN') throw new Error(JSON.stringify(measurement.changed))
  return measurement.changed.files
    .map((file: ChangedFile) => `${file.change} ${file.kind} ${file.path}`)
    .sort()
}

/** Each trick, and what scope must show of it. */
const TRICKS: ReadonlyArray<{
  name: string
  play: (tree: string, fixture: Fixture) => void
  shows: string[]
}> = [
  {
    name: 'a rename is a deletion and an addition, so both names are seen',
    play: (tree) => renameSync(join(tree, 'src/app.txt'), join(tree, 'secret.txt')),
    shows: ['added file secret.txt', 'deleted none src/app.txt'],
  },
  {
    name: 'commits of the agent’s own, with a clean status, hide nothing',
    play: (tree, { agentGit }) => {
      writeFileSync(join(tree, 'src/app.txt'), 'x\n')
      agentGit(tree, 'commit', '--quiet', '--all', '--message', 'mine')
    },
    shows: ['modified file src/app.txt'],
  },
  {
    name: 'assume-unchanged, skip-worktree and excludes in its own .git hide nothing',
    play: (tree, { agentGit }) => {
      agentGit(tree, 'update-index', '--assume-unchanged', 'src/app.txt')
      agentGit(tree, 'update-index', '--skip-worktree', 'README.md')
      mkdirSync(join(tree, '.git/info'), { recursive: true })
      writeFileSync(join(tree, '.git/info/exclude'), '*\n')
      writeFileSync(join(tree, 'src/app.txt'), 'x\n')
      writeFileSync(join(tree, 'README.md'), 'y\n')
      writeFileSync(join(tree, 'hidden.txt'), 'z\n')
    },
    shows: ['added file hidden.txt', 'modified file README.md', 'modified file src/app.txt'],
  },
  {
    name: 'a removed .git changes nothing',
    play: (tree) => {
      rmSync(join(tree, '.git'), { recursive: true })
      writeFileSync(join(tree, 'src/app.txt'), 'x\n')
    },
    shows: ['modified file src/app.txt'],
  },
  {
    name: 'a .git file that points elsewhere changes nothing',
    play: (tree, { repo }) => {
      rmSync(join(tree, '.git'), { recursive: true })
      writeFileSync(join(tree, '.git'), `gitdir: ${repo.work}/.git\n`)
      writeFileSync(join(tree, 'new.txt'), 'x\n')
    },
    shows: ['added file new.txt'],
  },
  {
    name: 'a mode change',
    play: (tree) => chmodSync(join(tree, 'src/app.txt'), 0o755),
    shows: ['modified executable src/app.txt'],
  },
  {
    name: 'a symbolic link, and a file become one',
    play: (tree) => {
      symlinkSync('/etc/passwd', join(tree, 'link'))
      unlinkSync(join(tree, 'README.md'))
      symlinkSync('src', join(tree, 'README.md'))
    },
    shows: ['added symlink link', 'type_changed symlink README.md'],
  },
  {
    name: 'a folder become a link to another with the same files',
    play: (tree, { repo }) => {
      rmSync(join(tree, 'src'), { recursive: true })
      symlinkSync(join(repo.work, 'src'), join(tree, 'src'))
    },
    shows: ['added symlink src', 'deleted none src/app.txt'],
  },
  {
    name: 'a file become a folder',
    play: (tree) => {
      unlinkSync(join(tree, 'README.md'))
      mkdirSync(join(tree, 'README.md'))
      writeFileSync(join(tree, 'README.md/inner'), 'x\n')
    },
    shows: ['added file README.md/inner', 'deleted none README.md'],
  },
  {
    name: 'a folder become a file',
    play: (tree) => {
      rmSync(join(tree, 'src'), { recursive: true })
      writeFileSync(join(tree, 'src'), 'x\n')
    },
    shows: ['added file src', 'deleted none src/app.txt'],
  },
  {
    name: 'nested repositories, with and without a commit',
    play: (tree, { agentGit }) => {
      for (const name of ['empty', 'full']) {
        mkdirSync(join(tree, name))
        agentGit(join(tree, name), 'init', '--quiet')
      }
      writeFileSync(join(tree, 'full/file'), 'x\n')
      agentGit(join(tree, 'full'), 'add', '.')
      agentGit(join(tree, 'full'), 'commit', '--quiet', '--message', 'nested')
      writeFileSync(join(tree, 'plain.txt'), 'x\n')
    },
    shows: ['added file plain.txt', 'added submodule empty', 'added submodule full'],
  },
  {
    name: 'a repository made in a tracked folder hides nothing in it',
    play: (tree, { agentGit }) => {
      agentGit(join(tree, 'src'), 'init', '--quiet')
      writeFileSync(join(tree, 'src/app.txt'), 'x\n')
      writeFileSync(join(tree, 'src/new.txt'), 'x\n')
    },
    shows: ['added file src/new.txt', 'modified file src/app.txt'],
  },
  {
    name: 'line breaks, quotes and spaces in names',
    play: (tree) => {
      writeFileSync(join(tree, 'a\nb "c"\t\\d é.txt'), 'x\n')
    },
    shows: ['added file a\nb "c"\t\\d é.txt'],
  },
  {
    name: 'a name git refuses everywhere (.GIT) stays out, of scope and of the commit alike',
    play: (tree) => {
      mkdirSync(join(tree, '.GIT'))
      writeFileSync(join(tree, '.GIT/config'), 'x')
      writeFileSync(join(tree, 'plain.txt'), 'x\n')
    },
    shows: ['added file plain.txt'],
  },
  {
    name: 'a name that looks like an option or a magic pathspec',
    play: (tree) => {
      writeFileSync(join(tree, '--force'), 'x\n')
      writeFileSync(join(tree, ':(exclude)src'), 'x\n')
      writeFileSync(join(tree, '"quoted"'), 'x\n')
    },
    shows: ['added file "quoted"', 'added file --force', 'added file :(exclude)src'],
  },
]

describe('measureWork: what scope shows', () => {
  test.each(TRICKS)('$name', async ({ play, shows }) => {
    const fixture = makeFixture()
    const workspace = await fixture.prepare('att-1')
    play(workspace.path, fixture)
    expect(await changesOf(fixture, workspace)).toEqual(shows)
  })

  test('tracked files stay tracked under an ignore rule; ignored ones stay out', async () => {
    const fixture = makeFixture()
    fixture.repo.commit('tracked but ignored', { '.gitignore': 'dist/\n', 'x.txt': '1\n' })
    mkdirSync(join(fixture.repo.work, 'dist'))
    writeFileSync(join(fixture.repo.work, 'dist/kept.txt'), '1\n')
    fixture.repo.git('add', '--force', 'dist/kept.txt')
    fixture.repo.git('commit', '--quiet', '--message', 'forced')
    fixture.repo.push()
    const workspace = await fixture.prepare('att-1')
    writeFileSync(join(workspace.path, 'dist/kept.txt'), '2\n')
    writeFileSync(join(workspace.path, 'dist/built.txt'), '2\n')
    expect(await changesOf(fixture, workspace)).toEqual(['modified file dist/kept.txt'])
  })

  test('a submodule that was never checked out is no change; a moved one is', async () => {
    const fixture = makeFixture()
    const { repo, agentGit } = fixture
    const linked = repo.git('rev-parse', 'HEAD')
    repo.git('update-index', '--add', '--cacheinfo', `160000,${linked},sub`)
    repo.git('commit', '--quiet', '--message', 'submodule')
    repo.push()
    const workspace = await fixture.prepare('att-1')
    expect((await measure(fixture, 'att-1', workspace)).measurement.changed.status).toBe('NONE')
    agentGit(join(workspace.path, 'sub'), 'init', '--quiet')
    agentGit(join(workspace.path, 'sub'), 'commit', '--quiet', '--allow-empty', '--message', 'x')
    expect(await changesOf(fixture, workspace)).toEqual(['modified submodule sub'])
  })

  test('line counts are real even where attributes call a file binary', async () => {
    const fixture = makeFixture()
    const workspace = await fixture.prepare('att-1')
    writeFileSync(join(workspace.path, '.gitattributes'), '* -diff binary\n')
    writeFileSync(join(workspace.path, 'src/app.txt'), 'one\n')
    const { measurement } = await measure(fixture, 'att-1', workspace)
    expect(measurement.changed).toMatchObject({
      files: [{ path: '.gitattributes' }, { path: 'src/app.txt', linesAdded: 0, linesRemoved: 2 }],
    })
    expect(measurement.diffStat).toContain('2 files changed, 1 lines added, 2 lines removed')
  })

  test.each([
    [
      'a name that is no UTF-8',
      (tree: string) => writeFileSync(Buffer.from(`${tree}/bad\xff`, 'latin1'), 'x'),
    ],
    [
      'a work tree that became a link',
      (tree: string) => {
        renameSync(tree, `${tree}-moved`)
        symlinkSync(`${tree}-moved`, tree)
      },
    ],
  ])('%s is UNKNOWN, never a guess', async (_, play) => {
    const fixture = makeFixture()
    const workspace = await fixture.prepare('att-1')
    writeFileSync(join(workspace.path, 'also.txt'), 'x\n')
    play(workspace.path)
    const { measurement } = await measure(fixture, 'att-1', workspace)
    expect(measurement).toMatchObject({ changed: { status: 'UNKNOWN' }, commit: null })
  })
})

describe('measureWork: the commit', () => {
  test('is ours, on top of the start, kept in the mirror, and the same when repeated', async () => {
    const fixture = makeFixture()
    const workspace = await fixture.prepare('att-1')
    writeFileSync(join(workspace.path, 'src/app.txt'), 'new\n')
    const first = await measure(fixture, 'att-1', workspace)
    const again = await measure(fixture, 'att-1', workspace)
    expect(again).toEqual(first)
    const sha = first.measurement.commit?.sha ?? ''
    const { stdout } = await git(['log', '-1', '--format=%P %an %at %s', 'refs/attempts/att-1/work'], {
      gitDir: fixture.mirror,
    })
    expect(stdout.trim()).toBe(`${workspace.startSha} oc-supervise ${NOW_MS / 1000} do it`)
    expect((await git(['show', `${sha}:src/app.txt`], { gitDir: fixture.mirror })).stdout).toBe('new\n')
    expect(first.patch).toContain('+new')
  })

  test('equal patches on different bases have equal patch ids', async () => {
    const fixture = makeFixture()
    const one = await fixture.prepare('att-1')
    fixture.repo.commit('elsewhere', { 'other.txt': 'x\n' })
    fixture.repo.push()
    const two = await fixture.prepare('att-2')
    for (const { path } of [one, two]) {
      chmodSync(join(path, 'src/app.txt'), 0o755)
      writeFileSync(join(path, 'blob'), Buffer.from([0, 1, 2]))
    }
    const ids = await Promise.all([measure(fixture, 'att-1', one), measure(fixture, 'att-2', two)])
    const [a, b] = ids.map(({ measurement }) => measurement.commit?.patchId)
    expect(a).toMatch(/^[0-9a-f]{40}$/)
    expect(b).toBe(a)
    writeFileSync(join(two.path, 'blob'), Buffer.from([0, 1, 3]))
    expect((await measure(fixture, 'att-2', two)).measurement.commit?.patchId).not.toBe(a)
  })

  test('nothing changed is NONE, also after a commit that changes nothing and with ignored or nested files only', async () => {
    const fixture = makeFixture()
    const workspace = await fixture.prepare('att-1')
    fixture.agentGit(workspace.path, 'commit', '--quiet', '--allow-empty', '--message', 'nothing')
    mkdirSync(join(workspace.path, 'nested'))
    fixture.agentGit(join(workspace.path, 'nested'), 'init', '--quiet')
    expect((await measure(fixture, 'att-1', workspace)).measurement).toEqual({
      changed: { status: 'NONE', source: 'git' },
      commit: null,
      diffStat: '',
    })
  })

  test('a revision is measured whole against the base, and no change against its start is NONE', async () => {
    const fixture = makeFixture()
    const { repo } = fixture
    repo.git('switch', '--quiet', '--create', 'work')
    const head = repo.commit('first attempt', { 'first.txt': 'x\n' })
    repo.push()
    const revision = { pullId: 'pull-1' as never, branch: 'work', headSha: head as never, reasons: [] }
    const workspace = await fixture.prepare('att-1', { revision })
    expect((await measure(fixture, 'att-1', workspace)).measurement.changed.status).toBe('NONE')
    writeFileSync(join(workspace.path, 'second.txt'), 'x\n')
    expect(await changesOf(fixture, workspace)).toEqual(['added file first.txt', 'added file second.txt'])
  })
})
