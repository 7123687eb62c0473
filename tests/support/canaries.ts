import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { randomHex } from '../../src/platform/random.ts'
import type { Asset } from './hostile-ways.ts'

/** Secrets planted on this host, each with a value of its own, and who guards them. */
export interface Canaries {
  /** What the hostile program is told. */
  readonly env: Readonly<Record<string, string>>
  readonly values: Readonly<Record<Asset, string>>
  /** Stands for our supervisor: its environment and an open file hold secrets. */
  readonly victim: ChildProcess
  readonly person: string
  readonly state: string
  readonly other: string
  readonly otherTmp: string
  /** Datagrams that came in. */
  readonly stolen: readonly string[]
  close(): void
}

/** Plants them under `dir`; `close` takes away what is not in it. */
export const plantCanaries = async (dir: string): Promise<Canaries> => {
  const values = Object.fromEntries(
    ASSETS.map((asset) => [asset, `CANARY-${asset}-${randomHex(12)}`]),
  ) as Record<Asset, string>
  const [person, state, other] = [
    join(dir, 'person'),
    join(dir, 'state', 'app'),
    join(dir, 'state', 'app', 'workspaces', 'w'),
  ]
  const otherTmp = join(dir, 'other-tmp')
  const shared = join('/dev/shm', `oc-supervise-${randomHex(6)}`)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${text}\n`)
  }
  write(join(person, '.netrc'), values.home)
  write(join(person, '.config', 'tool', 'token'), values.home)
  write(join(person, '.ssh', 'id_ed25519'), values.ssh)
  write(join(person, '.aws', 'credentials'), values.cloud)
  write(join(person, 'operator_key'), values.operator)
  write(join(state, 'journal.db'), values.journal)
  write(join(state, 'keys', 'instance.key'), values.instance)
  write(join(state, 'saved.git', 'packed'), values.saved)
  write(join(state, 'mirrors', 'app.git', 'packed'), values.mirror)
  write(join(state, 'keepers', 'att-other', 'spec.json'), values.keeper)
  write(join(other, 'secret.txt'), values.neighbour)
  write(join(otherTmp, 'file'), values.tmp)
  write(shared, values.shared)
  const victim = spawn('sleep', ['600'], {
    cwd: person,
    env: { PATH: process.env.PATH, SECRET: values.environment },
    stdio: ['ignore', 'ignore', 'ignore', openSync(join(state, 'journal.db'), 'r')],
  })
  const socket = join(dir, 's')
  const abstract = `oc-supervise-${randomHex(6)}`
  const servers = await Promise.all([
    greeting(values.socket, { path: socket }),
    greeting(values.abstract, { path: `\0${abstract}` }),
    greeting(`HTTP/1.0 200 OK\r\n\r\n${values.service}`, { port: 0, host: '0.0.0.0' }),
  ])
  const stolen: string[] = []
  const datagrams = createSocket('udp4').on('message', (text) => stolen.push(text.toString()))
  datagrams.bind(0, '0.0.0.0')
  await once(datagrams, 'listening')
  return {
    values,
    victim,
    person,
    state,
    other,
    otherTmp,
    stolen,
    env: {
      PERSON: person,
      STATE: state,
      OTHER: other,
      OTHER_TMP: otherTmp,
      SHARED: shared,
      VICTIM: String(victim.pid),
      SOCKET: socket,
      ABSTRACT: abstract,
      PORT: String((servers[2].address() as AddressInfo).port),
      UDP_PORT: String(datagrams.address().port),
      ADDRESS: ownAddress(),
    },
    close: () => {
      victim.kill('SIGKILL')
      for (const server of servers) server.close()
      datagrams.close()
      write(shared, '')
    },
  }
}

const ASSETS: readonly Asset[] = [
  ...(['environment', 'home', 'ssh', 'cloud', 'journal', 'operator', 'instance', 'neighbour'] as const),
  ...(['saved', 'mirror', 'keeper', 'tmp', 'shared', 'socket', 'abstract', 'service'] as const),
]

const greeting = async (
  text: string,
  where: { path: string } | { port: number; host: string },
): Promise<Server> => {
  const server = createServer((connection) => {
    connection.on('error', () => {})
    connection.end(`${text}\n`)
  })
  server.listen(where)
  await once(server, 'listening')
  return server
}

/** An address of this host that is not loopback; loopback where it has none. */
const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address ?? '127.0.0.1'
