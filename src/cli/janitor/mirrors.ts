import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '../../platform/git.ts'
import { removeTree } from '../../platform/remove-tree.ts'
import { bytesOf, type Chore, type Kept, NOTHING_KEPT, namesIn, type Plan } from './chore.ts'
import { isDue, type Look } from './look.ts'

/** Mirrors of repositories that no manifest and no task needs. Commits of ours in them must lie in `saved.git`, or be over. */
export const planMirrors = async (look: Look): Promise<Plan> => {
  const { layout, manifest, reposInForce, wantedRepos } = look
  const chores: Chore[] = []
  const kept: Kept[] = []
  for (const name of namesIn(layout.mirrors).filter((each) => each.endsWith('.git'))) {
    const repo = name.replace(/\.git$/, '')
    if (repo in manifest.repos || reposInForce.has(repo)) continue
    const path = join(layout.mirrors, name)
    const why = wantedRepos.has(repo)
      ? 'a task that is not over is about it'
      : await unsavedWork(look, path).then((ref) => (ref === null ? null : `${ref} is saved nowhere else`))
    if (why !== null) kept.push({ kind: 'mirror', subject: name, why })
    else
      chores.push({
        kind: 'mirror',
        items: [{ subject: name, why: 'its repository is not in the manifest', bytes: bytesOf(path) }],
        act: async () => {
          await removeTree(path)
          return NOTHING_KEPT
        },
      })
  }
  return { chores, kept }
}

/** A commit of ours that only this mirror has, though what was saved of its task is still to be kept; null for none. */
const unsavedWork = async (look: Look, mirror: string): Promise<string | null> => {
  const { layout, manifest, ended } = look
  const over = new Set<string>(
    ended
      .filter(({ endedAtMs }) => isDue(look, endedAtMs, manifest.retention.savedMs))
      .flatMap(({ attempts }) => attempts),
  )
  const { stdout } = await git(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/attempts'], {
    gitDir: mirror,
  })
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [ref = '', id = ''] = line.split(' ')
    if (over.has(ref.split('/')[2] ?? '') || (await hasCommit(layout.saved, id))) continue
    return ref
  }
  return null
}

const hasCommit = async (savedDir: string, id: string): Promise<boolean> => {
  if (!existsSync(savedDir)) return false
  const { exitCode } = await git(['cat-file', '-e', `${id}^{commit}`], {
    gitDir: savedDir,
    okExitCodes: [0, 1, 128],
  })
  return exitCode === 0
}
