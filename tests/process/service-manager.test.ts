import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/cli/package-root.ts'
import { findProgram } from '../../src/platform/find-program.ts'
import { until } from '../support/until.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: served
state_dir: state
sandbox: off
agents: {any: {type: command, command: ["true"]}}
lanes: {goal: {agent: any}}
gates: {signing: optional}
repos: {app: {url: remote.git, checks: ["true"], merge: auto}}
`

const isThere = (name: string): boolean => findProgram(name, process.env.PATH ?? '') !== null
const listeners = new Set<ChildProcess>()
afterEach(() => {
  for (const each of listeners) each.kill('SIGKILL')
  listeners.clear()
})

interface Heard {
  readonly env: Record<string, string>
  /** Every message so far, in order, one assignment an item. */
  messages(): string[]
}

/** One message a line. */
const LISTENER = `
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
  open(my $file, '>>', $ARGV[1]) or die;
  $file->autoflush(1);
  while (defined $socket->recv(my $message, 65536)) { print $file "$message\\n" }
`

/** systemd's end of the socket, as a program that is not ours; `systemd-notify` is the real one. */
const realSocket = async (system: System): Promise<Heard> => {
  const socket = join(system.dir, 'notify.sock')
  const file = join(system.dir, 'heard')
  appendFileSync(file, '')
  const listener = spawn('perl', ['-MIO::Socket::UNIX', '-MIO::Handle', '-e', LISTENER, socket, file], {
    stdio: 'ignore',
  })
  listeners.add(listener)
  await until(() => existsSync(socket))
  return { env: { NOTIFY_SOCKET: socket }, messages: () => assignments(file) }
}

/** A `systemd-notify` that writes down what it was to say, and to whom. */
const standIn = async (system: System): Promise<Heard> => {
  const file = join(system.dir, 'heard')
  appendFileSync(file, '')
  system.write(
    'bin/systemd-notify',
    `#!/bin/sh\n[ "$NOTIFY_SOCKET" = /run/there ] && printf '%s\\n' "$@" >>${file}\n`,
  )
  return {
    env: { NOTIFY_SOCKET: '/run/there', PATH: `${join(system.dir, 'bin')}:${process.env.PATH}` },
    messages: () => assignments(file),
  }
}

const assignments = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')

const pings = ({ messages }: Heard): number => messages().filter((each) => each === 'WATCHDOG=1').length

describe.each([
  ['systemd-notify and a real socket', realSocket, isThere('systemd-notify') && isThere('perl')],
  ['a stand-in for systemd-notify', standIn, true],
] as const)('as a service, with %s', (_, listen, isPossible) => {
  test.skipIf(!isPossible)(
    'says READY once it is up, pings while its loop turns, and STOPPING when it ends',
    async () => {
      const system = makeSystem(MANIFEST)
      const heard = await listen(system)
      const run = system.start(['run'], { env: { ...heard.env, WATCHDOG_USEC: '600000' } })
      await until(() => heard.messages().includes('READY=1'), { timeoutMs: 20_000 })
      expect((await system.json<{ claim: string }>(['status'])).claim).not.toBe('snapshot_only')
      await until(() => pings(heard) > 2, { timeoutMs: 20_000 })
      await until(() => heard.messages().some((each) => /^STATUS=running: 1 of 1 children up/.test(each)), {
        timeoutMs: 20_000,
      })

      run.signal('SIGTERM')
      const ended = await run.ended
      expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' })
      expect(heard.messages()).toContain('STOPPING=1')
      expect(heard.messages().filter((each) => each === 'READY=1')).toHaveLength(1)
      expect(heard.messages().filter((each) => each === 'STOPPING=1')).toHaveLength(1)
    },
    60_000,
  )
})

test('without systemd-notify it runs all the same, and says what is missing', async () => {
  const system = makeSystem(MANIFEST)
  // Only what it cannot do without.
  for (const name of ['git', 'sh', 'node', 'unshare', 'ps'])
    if (isThere(name))
      system.write(`bin/${name}`, `#!/bin/sh\nexec ${findProgram(name, process.env.PATH ?? '')} "$@"\n`)
  const run = system.start(['run'], {
    env: { NOTIFY_SOCKET: '/run/there', WATCHDOG_USEC: '600000', PATH: join(system.dir, 'bin') },
  })
  await until(() => /systemd-notify could not tell systemd .*Type=exec/.test(run.output()), {
    timeoutMs: 20_000,
  })
  run.signal('SIGTERM')
  expect((await run.ended).code).toBe(0)
}, 60_000)

test('the watchdog of another process is not ours', async () => {
  const system = makeSystem(MANIFEST)
  const heard = await standIn(system)
  const run = system.start(['run'], { env: { ...heard.env, WATCHDOG_USEC: '300000', WATCHDOG_PID: '1' } })
  await until(() => heard.messages().some((each) => each.includes('1 of 1 children up')), {
    timeoutMs: 20_000,
  })
  expect(pings(heard)).toBe(0)
  run.signal('SIGTERM')
  await run.ended
}, 60_000)

test.skipIf(!isThere('systemd-analyze'))('systemd finds nothing wrong with the unit', () => {
  const unit = readFileSync(join(packageRoot, 'manifests/oc-supervise.service'), 'utf8')
  const system = makeSystem(MANIFEST)
  const file = system.write(
    'oc-supervise.service',
    unit.replace(/^ExecStart=\S+ \S+/m, `ExecStart=${process.execPath} ${process.execPath}`),
  )
  const said = execFileSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(said).toBe('')
})
