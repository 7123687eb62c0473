import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ownProcessEnvironment } from '../../platform/environment.ts'
import { newId } from '../../platform/random.ts'
import { type RegisteredProcess, spawnRegistered } from '../../platform/spawn-registered.ts'
import { launcherPath } from '../package-root.ts'
import type { DemoStage } from './stage-demo.ts'

/** Starts `run --until-idle` on a staged manifest, in a process of its own that may be killed. */
export const startRun = async (stage: DemoStage, log: string): Promise<RegisteredProcess> => {
  const registrationsDir = join(stage.folder, 'registrations')
  mkdirSync(registrationsDir, { recursive: true })
  return spawnRegistered({
    role: 'supervisor',
    subject: 'demo',
    owner: newId('inc'),
    registrationsDir,
    argv: [process.execPath, launcherPath, 'run', '--manifest', stage.manifest, '--until-idle'],
    cwd: stage.folder,
    env: ownProcessEnvironment({ HOME: stage.folder }),
    stdoutFile: log,
    stderrFile: log,
  })
}
