import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A small work tree on `main` with one commit (README.md, src/app.txt), pushed to a bare remote beside it. */
export interface TestRepo {
  /** The work tree. */
  readonly work: string
  /** The bare repository that `origin` of the work tree names. */
  readonly bare: string
  /** The environment every git of the test runs in: own HOME, no system or global configuration. */
  readonly env: Record<string, string>
  /** Runs git in the work tree; standard output without its final newline. */
  git(...args: string[]): string
  /** Runs git in the bare repository. */
  gitBare(...args: string[]): string
  /** Writes files, commits all of the work tree, returns the commit's sha. */
  commit(message: string, files: Record<string, string>): string
  /** Pushes the current branch to `origin`. */
  push(): void
}

/** Makes `dir/work`, `dir/remote.git` and `dir/home`. Nothing of the machine's own git configuration takes part. */
export const makeTestRepo = (dir: string): TestRepo => {
  const work = join(dir, 'work')
  const bare = join(dir, 'remote.git')
  const home = join(dir, 'home')
  for (const folder of [work, home]) mkdirSync(folder, { recursive: true })
  const env = testGitEnvironment(home)
  const gitIn = (cwd: string, args: string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(
      /\n$/,
      '',
    )
  const git = (...args: string[]): string => gitIn(work, args)

  git('init', '--quiet', '--initial-branch=main')
  gitIn(dir, ['init', '--quiet', '--bare', '--initial-branch=main', bare])
  git('remote', 'add', 'origin', bare)
  const commit = (message: string, files: Record<string, string>): string => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), content)
    }
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', message)
    return git('rev-parse', 'HEAD')
  }
  const push = (): void => void git('push', '--quiet', '--set-upstream', 'origin', 'HEAD')
  commit('first', { 'README.md': '# test\n', 'src/app.txt': 'one\ntwo\nthree\n' })
  push()
  return { work, bare, env, git, gitBare: (...args) => gitIn(bare, args), commit, push }
}

/** A git environment that sees only `home`. */
const testGitEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: home,
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
})
