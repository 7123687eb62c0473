import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildSpec, GroupSpec } from '../../src/contracts/child-spec.ts'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { type StateLayout, stateLayout } from '../../src/platform/state-layout.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { fixture } from './test-supervisor.ts'

export interface SupervisorProcess {
  readonly process: ChildProcess
  readonly layout: StateLayout
  readonly specs: ChildSpec[]
  /** Waits until so many children are registered and alive. */
  children(count: number): Promise<ProcessIdentity[]>
}

/** Starts a supervisor as a process of its own. Whoever starts it kills it; its children need another supervisor to end. */
export const startSupervisorProcess = (
  specs: ChildSpec[],
  options: { groups?: GroupSpec[]; layout?: StateLayout } = {},
): SupervisorProcess => {
  const dir = makeTempDir('supervisor-process')
  const layout = options.layout ?? stateLayout(join(dir, 'state'))
  const config = join(dir, 'config.json')
  writeFileSync(config, JSON.stringify({ stateDir: layout.root, specs, groups: options.groups ?? [] }))
  const log = openSync(join(dir, 'log'), 'a')
  const started = spawn('node', [fixture('supervisor'), config], { stdio: ['ignore', log, log] })
  return {
    process: started,
    layout,
    specs,
    children: (count) =>
      until(
        () => {
          const living = readRegistrations(layout.registrations).flatMap(({ identity }) =>
            identity !== null && proveIdentity(identity).proof === 'alive' ? [identity] : [],
          )
          return living.length === count ? living : null
        },
        { timeoutMs: 15_000, what: `${count} children` },
      ),
  }
}

/** kill -9, and waits until the system has told us. */
export const killSupervisor = async (supervisor: ChildProcess): Promise<void> => {
  const exited = once(supervisor, 'exit')
  supervisor.kill('SIGKILL')
  await exited
}
