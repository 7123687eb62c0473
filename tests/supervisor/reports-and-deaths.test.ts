import { appendFileSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { SupervisorReport } from '../../src/contracts/supervisor-report.ts'
import { openDeathTally } from '../../supervisor/death-tally.ts'
import { logAttention, openReportLog } from '../../supervisor/report-log.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { manualClock } from './manual-clock.ts'

const supervisor = IncarnationId.parse('inc-one')
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const said = { context: 'reload', reason: 'why', decision: 'what' } as const

test('reports are numbered on, across supervisors and torn lines', () => {
  const path = join(makeTempDir('reports'), 'supervisor.ndjson')
  const open = () =>
    openReportLog({ path, clock: manualClock(), supervisor, journal: null, changed: () => {} })
  open().report(said)
  open().report(said)
  appendFileSync(path, '{"v":1,"n":99,"at":{"wall')
  expect(open().report(said).n).toBe(3)
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(SupervisorReport.parse(JSON.parse(lines[3] ?? ''))).toMatchObject({ n: 3, ...said, child: null })
})

test('reports that the disk refuses are told of, and written once it takes them again', () => {
  const path = join(makeTempDir('reports'), 'supervisor.ndjson')
  const log = openReportLog({ path, clock: manualClock(), supervisor, journal: null, changed: () => {} })
  symlinkSync('/dev/full', path)
  log.report(said)
  expect(logAttention(log)).toMatchObject([{ kind: 'disk_full', subject: 'state' }])
  rmSync(path)
  expect(logAttention(log)).toEqual([])
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ n: 1, ...said })
})

test('a journal that is still blocked at the end is given its time, and then no more', async () => {
  const clock = manualClock()
  let asked = 0
  const journal = {
    record: async () => {
      asked += 1
      throw new Error('locked')
    },
  }
  const path = join(makeTempDir('reports'), 'supervisor.ndjson')
  const log = openReportLog({ path, clock, supervisor, journal, changed: () => {} })
  log.report(said)
  await until(() => clock.armed === 1)
  const ended = log.end(2_000)
  for (let n = 0; n < 4; n += 1) {
    clock.pass(500)
    await turn()
  }
  await ended
  expect([asked > 1, clock.armed]).toEqual([true, 0])
  const before = asked
  clock.pass(60_000)
  await turn()
  expect([asked, clock.armed]).toEqual([before, 0])
})

test('deaths are counted from the file, old ones and intended ones not, unreadable lines passed over', () => {
  const path = join(makeTempDir('deaths'), 'deaths.ndjson')
  const clock = manualClock()
  const death = { child: 'a', incarnation: 'inc-one', exitCode: 1, signal: null, uptimeMs: 5 }
  const tally = openDeathTally(path, clock)
  tally.add({ ...death, cause: 'exit' })
  clock.pass(24 * 60 * 60_000)
  for (const cause of ['signal', 'intended', 'sibling', 'hung'] as const) tally.add({ ...death, cause })
  appendFileSync(path, 'not json\n{"v":1}\n')
  clock.pass(1)
  expect(openDeathTally(path, clock).unintended()).toEqual([
    { child: 'a', agoMs: 1, readyMs: 5 },
    { child: 'a', agoMs: 1, readyMs: 5 },
  ])
})
