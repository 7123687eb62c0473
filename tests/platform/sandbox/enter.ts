import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { contain } from '../../../src/platform/containment.ts'
import { enterSandbox, wasEntered } from '../../../src/platform/sandbox/enter-sandbox.ts'
import type { SandboxWorld } from '../../../src/platform/sandbox/sandbox-world.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

export interface Inside {
  readonly child: ChildProcess
  readonly dir: string
  readonly workspace: string
  readonly home: string
  readonly entered: () => boolean
  readonly ended: Promise<{
    code: number | null
    signal: string | null
    stdout: string
    stderr: string
    ms: number
  }>
}

/**
 * Runs one program as agents are run: namespace, both walls, its output in files. In a pipe that is full what the programs
 * of the sandbox write is lost, because its own Node has set it not to block.
 */
export const inside = (
  argv: readonly string[],
  options: {
    readonly world?: Partial<SandboxWorld>
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string
    readonly dir?: string
    /** False: with the filter that older versions of bubblewrap need. */
    readonly unixSockets?: boolean
  } = {},
): Inside => {
  const dir = options.dir ?? makeTempDir('sandbox')
  const [workspace, home] = [join(dir, 'workspace'), join(dir, 'home')]
  for (const folder of [workspace, home]) mkdirSync(folder, { recursive: true })
  const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`
  const notes = join(dir, 'notes')
  const wrapper = enterSandbox({
    world: {
      ...{ readable: [], hidden: [], network: [], tmp: join(dir, 'tmp') },
      writable: [workspace, home],
      ...options.world,
    },
    dir: notes,
    path,
  })
  if (options.unixSockets !== undefined) {
    const file = join(notes, 'settings.json')
    const settings = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...settings, unixSockets: options.unixSockets }))
  }
  const [command = '', ...args] = contain([...wrapper, ...argv], 'namespace')
  const outputDir = makeTempDir('output')
  const outputFiles = [join(outputDir, 'stdout'), join(outputDir, 'stderr')]
  const outputs = outputFiles.map((file) => openSync(file, 'w'))
  const beganMs = performance.now()
  const child = spawn(command, args, {
    cwd: workspace,
    env: { PATH: path, HOME: home, TERM: 'dumb', ...options.env },
    detached: true,
    stdio: ['pipe', ...outputs],
  })
  for (const file of outputs) closeSync(file)
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input ?? '')
  const status = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  const ended = status.then((how) => {
    const [stdout, stderr] = outputFiles.map((file) => readFileSync(file, 'utf8')) as [string, string]
    return { ...how, stdout, stderr, ms: performance.now() - beganMs }
  })
  return { child, dir, workspace, home, entered: () => wasEntered(notes), ended }
}
