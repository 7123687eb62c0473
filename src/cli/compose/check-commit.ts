import { join } from 'node:path'
import { runChecks } from '../../checks/run-checks.ts'
import type { CheckReport, CheckResult } from '../../contracts/checks.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { attemptRecords } from '../../effects/attempt-records.ts'
import type { CheckCommit } from '../../effects/check-commit.ts'
import { effectProcess, type RepositoryPort } from '../../effects/repository-port.ts'
import { bestContainment } from '../../platform/containment.ts'
import { freshClone } from '../../workspace/fresh-clone.ts'
import { restoreFromBase } from '../../workspace/restore-from-base.ts'
import { commandCeilings } from './command-ceilings.ts'
import { commandSandbox } from './command-sandbox.ts'
import { runSetup } from './run-setup.ts'

/** Tells apart the clones for the head from those for a merge result, as it is and with the base's tests. */
const CLONE_NUMBER = { head: [1, 3], merge_result: [2, 4] } as const

type Port = RepositoryPort & { readonly manifest: CompiledManifest }
type Input = Parameters<CheckCommit>[0]

/**
 * Checks one commit contained, in a fresh clone that is set up first and removed whatever came of it. What passes and has changed what
 * judges it is checked again, in another one, with the files in question as the base has them: only who holds up to both
 * has passed, for the first is what is merged, and the second is what was asked before the work began.
 */
export const checkCommit =
  (port: Port): CheckCommit =>
  async (input) => {
    const asItIs = await checkOnce(port, { ...input, restore: null })
    if (input.restore === null || !asItIs.passed || asItIs.results.length === 0) return asItIs
    const withBase = await checkOnce(port, input)
    if (withBase.restored.length === 0) return asItIs
    return { ...withBase, results: [...asItIs.results, ...withBase.results] }
  }

const checkOnce = async (
  port: Port,
  { attemptId, repo: key, sha, purpose, restore, effectId }: Input,
): Promise<CheckReport> => {
  const repo = port.repo(key)
  const process = effectProcess(port, effectId)
  const mirror = port.layout.mirror(key)
  const clone = await freshClone({
    attemptId,
    number: CLONE_NUMBER[purpose][restore === null ? 0 : 1],
    mirror,
    workspacesDir: port.layout.workspaces,
    sha,
    effect: process,
  })
  try {
    const broken = await setUp(port, key, clone.path, effectId)
    if (broken !== null)
      return { sha, purpose, passed: false, results: [broken], restored: [], containment: bestContainment() }
    const restored = restore === null ? [] : await restoreFromBase({ clone, mirror, ...restore })
    // Nothing to put back: what it would find out is known.
    const checks = restore !== null && restored.length === 0 ? [] : repo.checks
    return await runChecks({
      checks,
      sha,
      purpose,
      restored,
      restoredFrom: restore?.baseSha ?? null,
      cwd: clone.path,
      outputDir: join(
        attemptRecords(port.layout, attemptId).checks(sha),
        restore === null ? '' : 'base-tests',
      ),
      env: repo.env,
      ceilings: commandCeilings(port.manifest),
      containment: bestContainment(),
      sandbox: commandSandbox(port.manifest, port.layout),
      process,
    })
  } finally {
    await clone.remove()
  }
}

/** The setup command that fails in the clone, as a check that failed; null where all pass. */
const setUp = async (port: Port, key: string, cwd: string, effectId: string): Promise<CheckResult | null> => {
  const run = runSetup(port)
  for (const command of port.repo(key).setup) {
    const { passed, ...result } = await run(key, command, cwd, effectId)
    if (!passed)
      return { name: 'setup', run: command, ...result, attempts: 1, restoredFrom: null, flaky: false }
  }
  return null
}
