import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StatusFile } from '../../../src/contracts/status.ts'
import type { SupervisorReport } from '../../../src/contracts/supervisor-report.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import { until } from '../../support/until.ts'
import { builtFile, LAUNCHER } from './built.ts'
import type { Scope, Started } from './scope.ts'

/** A manifest in a folder of its own. */
export interface Project {
  readonly dir: string
  readonly manifest: string
  readonly layout: StateLayout
}

/** Writes a manifest; its name is `bench`, its state lies beside it. `body` is YAML. */
export const makeProject = (scope: Scope, name: string, body: string): Project => {
  const dir = scope.folder(name)
  const manifest = join(dir, 'oc-supervise.yaml')
  writeFileSync(manifest, `version: 1\nname: bench\nstate_dir: ./state\nsandbox: off\n${body}`)
  return { dir, manifest, layout: stateLayout(join(dir, 'state', 'bench')) }
}

/** As many services as are asked for, as YAML. */
export const servicesYaml = (
  count: number,
  argv: (index: number) => readonly string[],
  more: Readonly<Record<string, string>> = {},
): string => {
  const rest = Object.entries({ restart: 'always', ...more }).map(([key, value]) => `, ${key}: ${value}`)
  const services = Array.from({ length: count }, (_, index) => {
    const command = argv(index).map((word) => JSON.stringify(word))
    return `  child-${index}: {command: [${command.join(', ')}]${rest.join('')}}\n`
  })
  return `services:\n${services.join('')}`
}

/** A child that does nothing and ends at SIGTERM. */
export const QUIET: readonly string[] = ['/bin/sh', '-c', 'exec sleep 100000']

/** Starts `oc-supervise run` as a user would. @param path what stands before the rest of PATH. */
export const startRun = (scope: Scope, project: Project, options: { path?: string } = {}): Started =>
  scope.node([LAUNCHER, 'run', '--manifest', project.manifest], { log: 'run.log', ...options })

/** A supervisor of given children and nothing else, in a process of its own. */
export const startSupervisor = (
  scope: Scope,
  name: string,
  options: { readonly specs: readonly unknown[]; readonly groups?: readonly unknown[] },
): { readonly started: Started; readonly layout: StateLayout } => {
  const dir = scope.folder(name)
  const config = join(dir, 'supervisor.json')
  const stateDir = join(dir, 'state')
  const module = builtFile('supervisor/supervisor.ts')
  const layoutModule = builtFile('src/platform/state-layout.ts')
  writeFileSync(config, JSON.stringify({ module, layoutModule, stateDir, groups: [], ...options }))
  const program = join(import.meta.dirname, '../programs/supervisor.mjs')
  return {
    started: scope.node([program, config], { log: `${name}.log` }),
    layout: stateLayout(stateDir),
  }
}

/** Waits until the status names as many children as there should be, all of them ready, written by this very process. */
export const untilReady = (
  { layout }: Pick<Project, 'layout'>,
  { pid, log }: Started,
  children: number,
  timeoutMs = 60_000,
): Promise<StatusFile> =>
  until(
    () => {
      const status = readJson<StatusFile>(layout.status)
      if (status?.supervisor.identity.pid !== pid) return false
      const ready = status.children.filter(({ state }) => state === 'ready')
      return ready.length === children && status.children.length === children && status
    },
    { timeoutMs, everyMs: 25, what: `${children} children ready (${log})` },
  )

/** Everything the supervisor has said so far. */
export const reportsOf = (layout: StateLayout): SupervisorReport[] =>
  readFileSync(layout.supervisorLog, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as SupervisorReport)

/** Null for a file that is not there, or not whole yet. */
export const readJson = <Value>(path: string): Value | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Value
  } catch {
    return null
  }
}
