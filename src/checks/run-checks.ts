import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainmentLevel } from '../contracts/agent-run.ts'
import { CheckReport, type CheckResult } from '../contracts/checks.ts'
import type { CheckSpec } from '../contracts/compiled-manifest.ts'
import { removeTree } from '../platform/remove-tree.ts'
import type { CommandCeilings } from './command-ceilings.ts'
import { type CommandSandbox, type ContainedCommand, runContained } from './run-contained.ts'

export interface RunChecksInput {
  readonly checks: readonly CheckSpec[]
  readonly sha: string
  readonly purpose: CheckReport['purpose']
  /** Files that were put back in `cwd`, and as which commit has them. */
  readonly restored: readonly string[]
  readonly restoredFrom: string | null
  /** A fresh clone at `sha` that no agent has touched. */
  readonly cwd: string
  /** Gets one file of output a try, `<place>-<name>-<try>.log`. */
  readonly outputDir: string
  readonly env: Readonly<Record<string, string>>
  /** What each check may take. */
  readonly ceilings: CommandCeilings
  readonly containment: ContainmentLevel
  /** The walls of every check, but for its network; null: none. */
  readonly sandbox: Omit<CommandSandbox, 'network'> | null
  readonly process: ContainedCommand['process']
  /** Looked at between two checks. */
  readonly signal?: AbortSignal
}

/**
 * Runs every check of a repository, in the manifest's order, also after one has failed. A failing one is tried again as
 * often as its `retries` say; what passed only then shows by its `attempts`. All share one HOME that is fresh and gone
 * afterwards. Nothing a check started survives it.
 * @throws the signal's reason when it is aborted between two checks.
 */
export const runChecks = async (input: RunChecksInput): Promise<CheckReport> => {
  mkdirSync(input.outputDir, { recursive: true, mode: 0o700 })
  const home = join(input.outputDir, 'home')
  await removeTree(home)
  try {
    const results: CheckResult[] = []
    for (const [place, check] of input.checks.entries()) {
      results.push(await runCheck(input, check, `${place + 1}-${fileName(check.name)}`, home))
    }
    return CheckReport.parse({
      sha: input.sha,
      purpose: input.purpose,
      passed: results.every((result) => result.outcome === 'passed'),
      results,
      restored: input.restored,
      containment:
        input.sandbox === null ? input.containment : `${input.containment}, ${input.sandbox.profile}`,
    })
  } finally {
    await removeTree(home)
  }
}

const runCheck = async (
  input: RunChecksInput,
  check: CheckSpec,
  label: string,
  home: string,
): Promise<CheckResult> => {
  const { cwd, env, ceilings, containment, outputDir } = input
  const sandbox = input.sandbox === null ? null : { ...input.sandbox, network: check.network }
  let durationMs = 0
  for (let attempts = 1; ; attempts += 1) {
    input.signal?.throwIfAborted()
    const result = await runContained({
      ...{ command: check.run, timeoutMs: check.timeoutMs, process: input.process },
      ...{ cwd, env, ceilings, containment, sandbox, home },
      outputFile: join(outputDir, `${label}-${attempts}.log`),
    })
    durationMs += result.durationMs
    if (result.outcome === 'passed' || attempts > check.retries) {
      return {
        name: check.name,
        run: check.run,
        ...result,
        durationMs,
        attempts,
        restoredFrom: input.restoredFrom,
        flaky: false,
      }
    }
  }
}

const fileName = (name: string): string => name.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60)
