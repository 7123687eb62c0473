import { containmentLine } from './containment-line.ts'
import type { RunReporter } from './run-reporter.ts'

/** Tells a run as plain lines, one a change; `write` gets whole lines. Colours are the terminal's business. */
export const textReporter = (
  write: (line: string) => void,
  startedMs: number,
  nowMs: () => number,
): RunReporter => {
  const at = (): string => `${((nowMs() - startedMs) / 1000).toFixed(1).padStart(6)}s`
  const say = (text: string): void => write(`${at()}  ${text}`)
  return {
    started: ({ manifest, layout, imported, found, pid }) => {
      const lanes = Object.keys(manifest.lanes).join(', ')
      say(`${manifest.name}: supervisor ${pid}, lanes ${lanes}`)
      say(containmentLine(manifest))
      say(`state in ${layout.root}`)
      if (found !== null) say(`found on the board: ${found}`)
      if (imported > 0)
        say(`${imported} new ${imported === 1 ? 'task' : 'tasks'} from ${manifest.board.importFile}`)
    },
    task: ({ spec, state, phase, reason }, before) => {
      const from = before === null ? '' : `${before.state} → `
      const human = phase === 'human' ? ' (a person is asked)' : ''
      say(
        `${spec.id}  ${from}${state}${human}  ${spec.title}${reason === '' ? '' : `: ${firstLine(reason)}`}`,
      )
    },
    note: say,
    idle: ({ reason }) => say(`${reason}; stopping`),
    ended: ({ exit, tally, report, layout }) => {
      const forced = report.forced.length === 0 ? '' : `, by force: ${report.forced.join(', ')}`
      const unfinished = tally.unfinished === 0 ? '' : `, ${tally.unfinished} not finished`
      say(`stopped${report.killed ? ' at once' : ' cleanly'}${forced}`)
      say(
        `${tally.done} done, ${tally.blocked} blocked, ${tally.waitingForPeople} waiting for a person${unfinished}; exit ${exit}`,
      )
      say(`evidence in ${layout.runs}; check it with: oc-supervise verify --state-dir ${layout.root}`)
    },
  }
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, 160)
