/**
 * Runs one program inside the sandbox: `node sandbox-main.ts SETTINGS PROGRAM ARGUMENT…`. On Linux it is itself inside
 * the first wall (first-wall.ts), and builds the second with Anthropic's sandbox runtime: no network but through the
 * runtime's proxy, nothing writable but what the settings name, no user namespaces.
 *
 * The program has our standard streams. Signals we get, its group gets; its exit code is ours; it ends when we do.
 * Exit code 125: it was never started, and why is on standard error.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { SandboxManager, type SandboxRuntimeConfig } from '@anthropic-ai/sandbox-runtime'
import { WALL_SCRATCH } from './first-wall.ts'
import { ARGUMENT_PREFIX, launchScript, STARTED } from './launch-script.ts'
import { isOnTheInternet, PRIVATE_NETWORKS } from './on-the-internet.ts'
import { SANDBOX_FAILED, type SandboxSettings } from './sandbox-world.ts'

const LINUX = process.platform === 'linux'

const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Three letters, so that its form in a proxy's address needs no escape. */
const COMMAND_ID = 'run'

const main = async (settingsFile: string, argv: readonly string[]): Promise<number> => {
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as SandboxSettings
  const cwd = process.cwd()
  const environment = { ...process.env }
  const command = await wrap(settings, argv.length)
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    cwd,
    env: { ...environment, ...argumentVariables(argv) },
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  const control = child.stdio[3] as Duplex
  let started = false
  control.on('error', () => {})
  control.on('data', (text: Buffer) => {
    if (started || !text.toString().includes(STARTED)) return
    started = true
    appendFileSync(settings.entered, '1')
  })
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (LINUX) control.write(`${signal.slice(3)}\n`)
      else if (child.pid !== undefined) process.kill(-child.pid, signal)
    })
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) =>
      resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    )
  })
  if (!LINUX) await SandboxManager.reset()
  if (started) return code
  throw new Error(`the inner wall could not be built (exit ${code}); what it said is above`)
}

/** The command line of the second wall. The runtime works from an empty folder: what it protects by name in a working folder would appear in it. */
const wrap = async (settings: SandboxSettings, argumentCount: number): Promise<string> => {
  const scratch = LINUX ? WALL_SCRATCH : settings.tmp
  const empty = join(scratch, 'empty')
  mkdirSync(empty, { recursive: true })
  process.env.TMPDIR = scratch
  process.env.CLAUDE_CODE_TMPDIR = '/tmp'
  process.chdir(empty)
  await SandboxManager.initialize(
    runtimeConfig(settings),
    settings.network === 'any' ? async ({ host }) => isOnTheInternet(host) : undefined,
  )
  const launch = launchScript({
    argumentCount,
    loopback: LINUX ? settings.loopback : [],
    hasNetwork: settings.network === 'any' || settings.network.length > 0,
  })
  const start = `exec ${LINUX ? 'setsid ' : ''}sh -c ${quoted(launch)}`
  return SandboxManager.wrapWithSandbox(start, undefined, undefined, undefined, { commandId: COMMAND_ID })
}

const runtimeConfig = (settings: SandboxSettings): SandboxRuntimeConfig => ({
  network: {
    allowedDomains: settings.network === 'any' ? [] : allowedDomains(settings),
    deniedDomains: [],
    deniedResolvedAddresses: settings.network === 'any' ? [...PRIVATE_NETWORKS] : [],
    allowAllUnixSockets: settings.unixSockets,
    // Only macOS asks: there the loopback is the host's, and this opens all of it.
    allowLocalBinding: settings.loopback.length > 0,
  },
  filesystem: {
    denyRead: [...settings.hidden],
    allowRead: [...settings.readable],
    allowWrite: [...settings.writable, '/tmp'],
    denyWrite: [],
  },
})

const allowedDomains = ({ network, loopback }: SandboxSettings): string[] => [
  ...(network as readonly string[]),
  ...loopback.map(({ host, port }) => `${host}:${port}`),
]

const argumentVariables = (argv: readonly string[]): Record<string, string> =>
  Object.fromEntries(argv.map((argument, at) => [`${ARGUMENT_PREFIX}${at}`, argument]))

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

// A connection of the proxy that breaks in a way its library does not expect must not end the program it serves.
process.on('uncaughtException', (error) => {
  process.stderr.write(`sandbox: ${error.message}\n`)
})

const [settingsFile = '', ...argv] = process.argv.slice(2)
main(settingsFile, argv).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(SANDBOX_FAILED)
  },
)
