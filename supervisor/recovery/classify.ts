import type { Diagnosis, DiagnosisClass, Evidence } from './diagnosis.ts'

interface Rule {
  readonly class: DiagnosisClass
  readonly when: (evidence: Evidence) => boolean
  readonly sentence: (evidence: Evidence) => string
}

/** Less room than this on the disk of the state explains most things, in bytes. */
const FULL_BYTES = 16 * 1024 * 1024

/** The classes in the order we ask: facts of the host first, then of the process, then what it wrote itself. */
const RULES: readonly Rule[] = [
  {
    class: 'disk_full',
    when: (seen) =>
      (seen.freeBytes !== null && seen.freeBytes < FULL_BYTES) || /\bENOSPC\b/.test(seen.logTail),
    sentence: () => 'the disk that holds the state is full',
  },
  {
    class: 'stopped_process',
    when: (seen) => seen.fault === 'hung' && (seen.state === 'T' || seen.state === 't'),
    sentence: () => 'its process was stopped (SIGSTOP or a debugger)',
  },
  {
    class: 'journal_blocked',
    when: (seen) => seen.fault === 'hung' && seen.journalHolder !== null,
    sentence: (seen) => `the journal's write lock is held by ${seen.journalHolder}`,
  },
  {
    class: 'host_overloaded',
    when: (seen) => seen.fault !== 'crashing' && seen.hostOverloaded,
    sentence: (seen) =>
      `the host is overloaded (load ${seen.loadPerCpu.toFixed(1)} per CPU, the supervisor busy ${percent(seen.loopBusy)})`,
  },
  {
    class: 'stuck_in_kernel',
    when: (seen) => seen.state === 'D',
    sentence: (seen) => `its process is stuck in the kernel${seen.wchan === null ? '' : ` in ${seen.wchan}`}`,
  },
  {
    class: 'busy_loop',
    when: (seen) => seen.fault === 'hung' && seen.state === 'R',
    sentence: () => 'its process uses the CPU but its work loop does not turn',
  },
  {
    class: 'silent',
    when: (seen) => seen.fault === 'hung' && seen.state !== null,
    sentence: () => 'its process lives and waits, but its work loop does not turn',
  },
  {
    class: 'out_of_memory',
    when: (seen) => /JavaScript heap out of memory|Cannot allocate memory|\bENOMEM\b/.test(seen.logTail),
    sentence: () => 'it ran out of memory',
  },
  {
    class: 'missing_program',
    when: (seen) => seen.exitCode === 127 || /MODULE_NOT_FOUND|ERR_MODULE_NOT_FOUND/.test(seen.logTail),
    sentence: () => 'its program, or a part of it, is not there',
  },
  {
    class: 'permission_denied',
    when: (seen) => seen.exitCode === 126 || /\bEACCES\b|\bEPERM\b/.test(seen.logTail),
    sentence: () => 'it may not do what it needs to (EACCES)',
  },
  {
    class: 'port_in_use',
    when: (seen) => /\bEADDRINUSE\b/.test(seen.logTail),
    sentence: () => 'the address it listens on is taken',
  },
  {
    class: 'broken_at_start',
    when: (seen) => seen.exitCode !== null && seen.exitCode !== 0,
    sentence: (seen) => `it keeps exiting with ${seen.exitCode}`,
  },
]

/** The first class whose rule holds, with the evidence in words; `unknown` when none does. */
export const classify = (seen: Evidence): Diagnosis => {
  const rule = RULES.find((candidate) => candidate.when(seen))
  return {
    class: rule?.class ?? 'unknown',
    sentence: rule?.sentence(seen) ?? 'nothing we can read explains it',
    evidence: inWords(seen),
  }
}

const inWords = (seen: Evidence): string[] =>
  [
    ['exit', seen.exitCode],
    ['signal', seen.signal],
    ['state', seen.state],
    ['wchan', seen.wchan],
    ['stack', seen.stack?.split('\n').slice(0, 5).join(' < ') ?? null],
    ['rss', seen.rssKiB === null ? null : `${seen.rssKiB} KiB`],
    ['load', `${seen.loadPerCpu.toFixed(2)} per CPU`],
    ['free', seen.freeBytes === null ? null : `${Math.round(seen.freeBytes / 1024 / 1024)} MiB`],
    ['journal lock', seen.journalHolder],
    ['log', seen.logTail.trim().split('\n').at(-1)?.slice(0, 300) || null],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))

const percent = (share: number): string => `${Math.round(share * 100)} %`
