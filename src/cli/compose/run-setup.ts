import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runContained } from '../../checks/run-contained.ts'
import type { ContainmentLevel } from '../../contracts/agent-run.ts'
import type { PrepareWorkspacePorts } from '../../effects/prepare-workspace.ts'
import { effectProcess, type RepositoryPort } from '../../effects/repository-port.ts'
import { newId } from '../../platform/random.ts'

/** Runs a repository's setup commands contained, with a HOME of their own beside the clone. */
export const runSetup =
  (port: RepositoryPort, containment: ContainmentLevel): PrepareWorkspacePorts['runSetup'] =>
  async (key, command, cwd, effectId) => {
    const repo = port.repo(key)
    const dir = join(port.layout.logs, 'setup')
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const result = await runContained({
      command,
      cwd,
      home: join(dir, `${key}-home`),
      env: repo.env,
      timeoutMs: repo.setupTimeoutMs,
      containment,
      outputFile: join(dir, `${newId('run')}.log`),
      process: effectProcess(port, effectId),
    })
    return { passed: result.outcome === 'passed', excerpt: result.excerpt }
  }
