import { expect, test } from 'vitest'
import { classify } from '../../../supervisor/recovery/classify.ts'
import {
  DIAGNOSIS_CLASSES,
  type DiagnosisClass,
  type Evidence,
} from '../../../supervisor/recovery/diagnosis.ts'
import { actionFor, remedyFor } from '../../../supervisor/recovery/doctor-table.ts'

const nothing: Evidence = {
  ...{ fault: 'crashing', exitCode: null, signal: null, logTail: '', state: null, wchan: null, stack: null },
  ...{
    rssKiB: null,
    loadPerCpu: 0.5,
    loopBusy: 0,
    hostOverloaded: false,
    freeBytes: null,
    journalHolder: null,
  },
}
const hung: Evidence = { ...nothing, fault: 'hung', state: 'S' }

test.each<[DiagnosisClass, string, Evidence]>([
  ['disk_full', 'no room left', { ...nothing, freeBytes: 1_000 }],
  ['disk_full', 'its own words', { ...nothing, logTail: 'write failed: ENOSPC: no space left' }],
  ['stopped_process', 'T', { ...hung, state: 'T' }],
  ['stopped_process', 'traced', { ...hung, state: 't' }],
  ['journal_blocked', 'a holder', { ...hung, journalHolder: 'pid 7 (sqlite3)' }],
  ['host_overloaded', 'load', { ...hung, hostOverloaded: true }],
  ['stuck_in_kernel', 'D', { ...hung, state: 'D', wchan: 'nfs_wait' }],
  ['busy_loop', 'R', { ...hung, state: 'R' }],
  ['silent', 'S', hung],
  [
    'out_of_memory',
    'V8',
    { ...nothing, logTail: 'FATAL ERROR: … JavaScript heap out of memory', signal: 'SIGABRT' },
  ],
  ['missing_program', '127', { ...nothing, exitCode: 127 }],
  ['missing_program', 'a module', { ...nothing, exitCode: 1, logTail: "code: 'ERR_MODULE_NOT_FOUND'" }],
  ['permission_denied', '126', { ...nothing, exitCode: 126 }],
  ['port_in_use', 'EADDRINUSE', { ...nothing, exitCode: 1, logTail: 'listen EADDRINUSE: 127.0.0.1:80' }],
  ['broken_at_start', 'any other code', { ...nothing, exitCode: 3 }],
  ['unknown', 'a signal of somebody', { ...nothing, signal: 'SIGKILL' }],
  ['unknown', 'a hung process that is gone by now', { ...hung, state: null }],
])('%s by %s', (name, _how, evidence) => {
  const diagnosis = classify(evidence)
  expect(diagnosis.class).toBe(name)
  expect(diagnosis.sentence).not.toBe('')
  expect(diagnosis.evidence).toContain('load: 0.50 per CPU')
})

test('evidence names its source, and only what was seen', () => {
  const { evidence } = classify({
    ...hung,
    wchan: 'ep_poll',
    stack: 'a\nb\n',
    rssKiB: 9,
    logTail: 'one\nlast words\n',
  })
  expect(evidence).toEqual([
    ...['state: S', 'wchan: ep_poll', 'stack: a < b < ', 'rss: 9 KiB', 'load: 0.50 per CPU'],
    'log: last words',
  ])
})

test('every class has one action for a person, and every known one a remedy', () => {
  for (const name of DIAGNOSIS_CLASSES) {
    expect(actionFor(name, 'web')).toMatch(/^[A-Z].*`oc-supervise .*web`.*\.$/)
    expect(remedyFor(name) === null).toBe(name === 'unknown')
  }
})
