import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ContainedResult, runContained } from '../../checks/run-contained.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { effectProcess, type RepositoryPort } from '../../effects/repository-port.ts'
import { bestContainment } from '../../platform/containment.ts'
import { newId } from '../../platform/random.ts'
import { removeTree } from '../../platform/remove-tree.ts'
import { commandCeilings } from './command-ceilings.ts'
import { commandSandbox } from './command-sandbox.ts'

/**
 * Runs a repository's setup commands contained. Those of one clone share a HOME that is gone after the last: the clone
 * of a revision holds an agent's work, and what that leaves in a HOME must not meet the next task.
 */
export const runSetup =
  (port: RepositoryPort & { readonly manifest: CompiledManifest }) =>
  async (
    key: string,
    command: string,
    cwd: string,
    effectId: string,
  ): Promise<ContainedResult & { readonly passed: boolean }> => {
    const repo = port.repo(key)
    const dir = join(port.layout.logs, 'setup')
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const home = join(dir, `${basename(dirname(cwd))}-home`)
    if (command === repo.setup[0]) await removeTree(home)
    const sandbox = commandSandbox(port.manifest, port.layout)
    const result = await runContained({
      command,
      cwd,
      home,
      env: repo.env,
      timeoutMs: repo.setupTimeoutMs,
      ceilings: commandCeilings(port.manifest),
      containment: bestContainment(),
      sandbox: sandbox === null ? null : { ...sandbox, network: repo.setupNetwork },
      outputFile: join(dir, `${newId('run')}.log`),
      process: effectProcess(port, effectId),
    })
    const passed = result.outcome === 'passed'
    if (!passed || command === repo.setup.at(-1)) {
      await removeTree(home)
    }
    return { ...result, passed }
  }
