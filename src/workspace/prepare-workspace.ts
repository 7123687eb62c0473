import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Revision } from '../contracts/effect-io.ts'
import { Workspace } from '../contracts/work.ts'
import { readJsonFile, writeJsonAtomic } from '../platform/atomic-file.ts'
import { failPoint } from '../platform/fail-point.ts'
import { git } from '../platform/git.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { attemptFolder } from './attempt-folder.ts'
import { copyIndex } from './copy-index.ts'
import { type EffectProcess, gitFailure, runGitEffect } from './git-effect.ts'
import { bytePath } from './quote-path.ts'
import { readRefs } from './read-refs.ts'
import { type RestoreFrom, restoreFiles } from './restore-files.ts'
import { WorkspaceFailure } from './workspace-failure.ts'

export interface PrepareWorkspaceInput {
  readonly attemptId: string
  /** An up-to-date mirror, see ensureMirror. */
  readonly mirror: string
  readonly workspacesDir: string
  readonly baseBranch: string
  readonly revision: Revision | null
  /** The files an earlier attempt left, for an agent that goes on with them; null starts clean. */
  readonly restore: (RestoreFrom & { readonly startSha: string }) | null
  readonly effect: EffectProcess
  /** The repository's setup commands, from the manifest. */
  readonly setup: readonly string[]
  /** Runs one of them, contained; `excerpt` is the end of its output. */
  readonly runSetup: (command: string, cwd: string) => Promise<{ passed: boolean; excerpt: string }>
}

/**
 * Makes the attempt's own full clone and runs the setup commands in it. A revision starts at the pull request's head,
 * everything else at the base branch. Safe to repeat: a finished workspace is answered as it was recorded, whatever an
 * agent did in it since; one that a crash left half-made (no agent ever ran there) is made again.
 * @throws WorkspaceFailure `invalid_task` when the base branch does not exist, `publish_failed` when the pull request's
 * branch is not at the revision's head any more, `dependency_missing` when a setup command fails.
 */
export const prepareWorkspace = async (input: PrepareWorkspaceInput): Promise<Workspace> => {
  const folder = attemptFolder(input.workspacesDir, input.attemptId)
  const recorded = readJsonFile(folder.ready, Workspace)
  if (recorded.ok) return recorded.value
  if (recorded.reason === 'invalid') throw new WorkspaceFailure('infra_tooling', recorded.message)

  await removeTree(folder.dir)
  mkdirSync(folder.dir, { recursive: true, mode: 0o700 })
  await clone(input, folder.tree)
  failPoint('workspace.cloned')
  const restored = input.restore !== null && (await goBack(input, input.restore.startSha, folder.tree))
  const workspace = await fixedPoints(input, folder.tree, restored)
  copyIndex(join(folder.tree, '.git', 'index'), folder.baseIndex)
  copyIndex(join(folder.tree, '.git', 'packed-refs'), folder.baseRefs)
  for (const command of input.setup) {
    const { passed, excerpt } = await input.runSetup(command, folder.tree)
    if (!passed) {
      throw new WorkspaceFailure('dependency_missing', `setup command failed: ${command}\n${excerpt}`)
    }
  }
  if (restored && input.restore !== null) await restoreFiles(input.restore, folder.tree)
  writeJsonAtomic(folder.ready, workspace)
  return workspace
}

/**
 * `--no-local` goes through git's transport even on one disk: nothing is shared with the mirror, other attempts'
 * objects stay out, and a fetch into the mirror at the same moment does no harm.
 */
const clone = async (input: PrepareWorkspaceInput, tree: string): Promise<void> => {
  const branch = input.revision?.branch ?? input.baseBranch
  const settings = [
    // What the agent commits is its own business, but it needs a name to do so, and nowhere to push.
    'user.name=agent',
    'user.email=agent@oc-supervise.invalid',
    'remote.origin.pushurl=oc-supervise-pushes-for-you://',
    'gc.auto=0',
  ].flatMap((setting) => ['-c', setting])
  const result = await runGitEffect(
    [
      'clone',
      '--quiet',
      '--no-local',
      '--no-hardlinks',
      ...settings,
      `--branch=${branch}`,
      '--',
      input.mirror,
      tree,
    ],
    { effect: input.effect },
  )
  if (result.exitCode === 0) return
  if (/Remote branch .* not found/.test(result.stderr)) {
    throw new WorkspaceFailure(
      input.revision === null ? 'invalid_task' : 'publish_failed',
      `branch ${branch} does not exist in the repository`,
    )
  }
  throw gitFailure(
    'infra_tooling',
    `workspace ${input.attemptId} cannot be cloned from ${input.mirror}`,
    result,
  )
}

/**
 * Files that an earlier attempt left are changes of the commit it started from: on any other they would undo what was
 * merged meanwhile. So the clone goes back there; a moved base is the merge's concern, as it is for every attempt.
 * @returns false where that commit is no part of the branch any more: then nothing is restored.
 */
const goBack = async (input: PrepareWorkspaceInput, startSha: string, tree: string): Promise<boolean> => {
  const { head } = readRefs(join(tree, '.git'))
  if (head === null || (input.revision !== null && head !== startSha)) return false
  const options = { gitDir: join(tree, '.git'), workTree: tree, okExitCodes: [0, 1, 128] }
  const part = await git(['merge-base', '--is-ancestor', startSha, head], options)
  if (part.exitCode !== 0) return false
  await git(['reset', '--quiet', '--hard', startSha], { ...options, okExitCodes: [0] })
  return true
}

/** No agent has run here yet, so the clone's refs are still what git wrote. */
const fixedPoints = async (
  input: PrepareWorkspaceInput,
  tree: string,
  restored: boolean,
): Promise<Workspace> => {
  const { head, refs } = readRefs(join(tree, '.git'))
  const base = refs.get(`refs/remotes/origin/${bytePath(input.baseBranch)}`)
  if (head === null || base === undefined) {
    throw new WorkspaceFailure('invalid_task', `branch ${input.baseBranch} does not exist in the repository`)
  }
  const { revision, baseBranch } = input
  const restoredFrom = restored ? (input.restore?.attemptId ?? null) : null
  const fixed = { path: tree, baseBranch, startSha: head, restoredFrom }
  if (revision === null) return Workspace.parse({ ...fixed, baseSha: head })
  if (head !== revision.headSha) {
    throw new WorkspaceFailure(
      'publish_failed',
      `${revision.branch} is at ${head}, but the revision was asked for ${revision.headSha}; somebody else pushed to it`,
    )
  }
  // The base may have moved since the branch left it: measured against its tip, that would look like our work undone.
  const mergeBase = await git(['merge-base', head, base], { gitDir: input.mirror })
  return Workspace.parse({ ...fixed, baseSha: mergeBase.stdout.trim() })
}
