import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Workspace } from '../../src/contracts/work.ts'
import { newId } from '../../src/platform/random.ts'
import { ensureMirror } from '../../src/workspace/ensure-mirror.ts'
import type { EffectProcess } from '../../src/workspace/git-effect.ts'
import { type PrepareWorkspaceInput, prepareWorkspace } from '../../src/workspace/prepare-workspace.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo, type TestRepo } from '../support/test-repo.ts'

export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)

export interface Fixture {
  readonly repo: TestRepo
  readonly mirror: string
  readonly workspacesDir: string
  readonly savedDir: string
  readonly effect: EffectProcess
  mirrorNow(): Promise<void>
  prepare(attemptId: string, changes?: Partial<PrepareWorkspaceInput>): Promise<Workspace>
  /** git as an agent would run it, with its own identity and nothing hardened. */
  agentGit(cwd: string, ...args: string[]): string
}

/** A remote with one commit, and the folders of one lane's state. */
export const makeFixture = (): Fixture => {
  const dir = makeTempDir('workspace')
  const repo = makeTestRepo(dir)
  const registrationsDir = join(dir, 'registrations')
  mkdirSync(registrationsDir)
  const workspacesDir = join(dir, 'workspaces')
  const mirror = join(dir, 'mirrors', 'api.git')
  const effect: EffectProcess = {
    subject: 'effect',
    owner: newId('inc') as EffectProcess['owner'],
    registrationsDir,
  }
  const mirrorNow = () => ensureMirror({ url: repo.bare, mirror, effect })
  return {
    repo,
    mirror,
    workspacesDir,
    savedDir: join(dir, 'saved.git'),
    effect,
    mirrorNow,
    prepare: async (attemptId, changes = {}) => {
      await mirrorNow()
      return prepareWorkspace({
        attemptId,
        mirror,
        workspacesDir,
        baseBranch: 'main',
        revision: null,
        restore: null,
        effect,
        setup: [],
        runSetup: async () => ({ passed: true, excerpt: '' }),
        ...changes,
      })
    },
    agentGit: (cwd, ...args) =>
      execFileSync('git', args, {
        cwd,
        env: repo.env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim(),
  }
}
