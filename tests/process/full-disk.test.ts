import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { isUp, type LiveStatus, pidsOf } from './support/live-status.ts'
import { processesUnder } from './support/processes-under.ts'
import { oc } from './support/product.ts'
import { makeSystem } from './support/system.ts'

const MANIFEST = `version: 1
name: full
state_dir: state
sandbox: off
repos: {app: {url: remote.git, checks: ["true"]}}
agents: {nobody: {type: command, command: ["true"]}}
lanes: {goal: {agent: nobody}}
services: {helper: {command: [sleep, "3000"], restart: always}}
gates: {signing: optional}
supervision:
  heartbeat: {every: 500ms, stale_after: 4s}
  probe: {every: 1s, answer_within: 900ms}
  restart: {max: 2, within: 1m, backoff_min: 10ms, backoff_max: 10ms}
`

/** A small disk of its own for the state: only the run sees it, and it is gone with it. */
const SMALL_DISK = ['unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs -o size=8m none "$0" && exec "$@"']

const withSmallDisk = (() => {
  const [program = '', ...argv] = SMALL_DISK
  if (spawnSync(program, [...argv, '/tmp', 'true']).status === 0) return test
  if (process.env.CI === 'true') throw new Error('no file system can be mounted in a namespace of its own')
  process.stderr.write('skipped: no file system can be mounted in a namespace of its own\n')
  return test.skip
})()

const fill = (file: string): void => {
  const block = Buffer.alloc(1024)
  for (;;) {
    try {
      appendFileSync(file, block)
    } catch {
      return
    }
  }
}

let dir = ''
// Its records are on the disk that is gone with it: nobody else finds what a run left that was killed.
afterEach(() => {
  for (const pid of dir === '' ? [] : processesUnder(dir)) process.kill(pid, 'SIGKILL')
})

withSmallDisk(
  'a full disk ends neither supervisor nor lane, is told, and nothing that was to be reported is lost',
  async () => {
    const system = makeSystem(MANIFEST)
    dir = system.dir
    const disk = join(system.dir, 'state')
    mkdirSync(disk)
    const run = system.start(['run'], { through: [...SMALL_DISK, disk] })
    const seen = `/proc/${run.pid}/root${system.layout.root}`
    const status = async (): Promise<LiveStatus> =>
      JSON.parse((await oc(['status', '--json', '--state-dir', seen])).stdout)
    const untilIs = (fits: (status: LiveStatus) => boolean, what: string): Promise<LiveStatus> =>
      until(
        async () => {
          const now = await status()
          return fits(now) && now
        },
        { timeoutMs: 30_000, everyMs: 100, what },
      )

    await until(() => existsSync(join(seen, 'status.json')), { timeoutMs: 20_000 })
    const { goal, helper } = pidsOf(await untilIs(isUp, 'up'))
    fill(join(seen, 'big'))
    process.kill(helper as number, 'SIGKILL')
    await untilIs(({ reason }) => reason.includes('the disk is full'), 'the full disk is told')
    await until(() => /disk is full|no space left/.test(run.output()), { timeoutMs: 20_000 })

    rmSync(join(seen, 'big'))
    const after = await untilIs(({ supervisor }) => supervisor.proof === 'proved', 'status is written again')
    expect(after.supervisor.pid).toBe(run.pid)
    expect(pidsOf(after).goal).toBe(goal)
    // Whether it is up, or was given up meanwhile.
    expect(await oc(['restart', 'helper', '--state-dir', seen])).toMatchObject({ code: 0, stderr: '' })
    await untilIs(({ claim }) => claim === 'live_attached', 'all is well again')
    const numbers = readFileSync(join(seen, 'supervisor.ndjson'), 'utf8')
      .split('\n')
      .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line).n as number] : []))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))

    run.signal('SIGTERM')
    const ended = await run.ended
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' })
  },
  120_000,
)
