import { runChecks } from '../../checks/run-checks.ts'
import type { ContainmentLevel } from '../../contracts/agent-run.ts'
import { attemptRecords } from '../../effects/attempt-records.ts'
import type { CheckCommit } from '../../effects/check-commit.ts'
import { effectProcess, type RepositoryPort } from '../../effects/repository-port.ts'
import { freshClone } from '../../workspace/fresh-clone.ts'

/** Tells apart the clone for the head from the one for a merge result: both may exist at once. */
const CLONE_NUMBER = { head: 1, merge_result: 2 } as const

/** Checks one commit in a fresh clone, contained, and removes the clone whatever came of it. */
export const checkCommit =
  (port: RepositoryPort, containment: ContainmentLevel): CheckCommit =>
  async ({ attemptId, repo: key, sha, purpose, effectId }) => {
    const repo = port.repo(key)
    const process = effectProcess(port, effectId)
    const clone = await freshClone({
      attemptId,
      number: CLONE_NUMBER[purpose],
      mirror: port.layout.mirror(key),
      workspacesDir: port.layout.workspaces,
      sha,
      effect: process,
    })
    try {
      return await runChecks({
        checks: repo.checks,
        sha,
        purpose,
        cwd: clone.path,
        outputDir: attemptRecords(port.layout, attemptId).checks(sha),
        env: repo.env,
        containment,
        process,
      })
    } finally {
      await clone.remove()
    }
  }
