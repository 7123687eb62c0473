import { loadProver } from '../../../supervisor/status/prove-identity.ts'
import { readView } from '../../../supervisor/status/read-view.ts'
import { SupervisorReport } from '../../contracts/supervisor-report.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { readTail } from '../logs/read-tail.ts'
import { isoTime } from '../print/format-time.ts'
import { type Explanation, NO_EVENTS } from './explanation.ts'

/** How far back the supervisor's own decisions are looked for. */
const LINES = 5_000
const SHOWN = 5

/** Explains a lane or service: what is proved of it now, and what its supervisor last decided about it. Null where none is called so. */
export const explainChild = async (layout: StateLayout, id: string): Promise<Explanation | null> => {
  const view = await readView(layout.root, null, await loadProver())
  const child = view.children.find(({ record }) => record.id === id)
  const reports = reportsOf(layout.supervisorLog, id)
  if (child === undefined && reports.length === 0) return null
  const decided = reports.map(
    ({ n, at, context, reason, decision }) =>
      `${isoTime(at.wallMs)} (report ${n}) ${context}${reason === '' ? '' : `: ${reason}`} -> ${decision}`,
  )
  if (child === undefined)
    return {
      ...shell(id),
      state: 'gone',
      because: ['the manifest no longer has it', ...decided],
      action: 'Nothing.',
    }
  const { record, proof, because, heartbeat } = child
  return {
    ...shell(id),
    state: `${record.state}, ${proof}`,
    about: `A ${record.role} of group ${record.group}, wanted ${record.wanted}.`,
    because: [
      because,
      ...(record.reason === '' || because.includes(record.reason) ? [] : [record.reason]),
      ...(heartbeat === null ? [] : [`it says: ${heartbeat.doing}, ${heartbeat.detail}`]),
      `restarts in its window: ${record.restarts}`,
      ...decided,
    ],
    holder: `the supervisor, pid ${view.status?.supervisor.identity.pid}: ${view.supervisor.proof}`,
    next: record.nextAt === null ? null : { what: 'the next try', at: isoTime(record.nextAt.wallMs) },
    action: actionOf(view.supervisor.proof, record.state, id),
  }
}

const shell = (id: string) => ({ id, kind: 'child' as const, about: null, ...NO_EVENTS })

const actionOf = (supervisor: string, state: string, id: string): string => {
  if (supervisor !== 'proved') return 'Nobody supervises it now; start it: oc-supervise run'
  if (state === 'quarantined')
    return `Read oc-supervise logs ${id}, mend what is wrong, then: oc-supervise restart ${id}`
  return state === 'ready' || state === 'finished' ? 'Nothing.' : `oc-supervise logs ${id}`
}

const reportsOf = (path: string, child: string): SupervisorReport[] =>
  readTail(path, LINES)
    .lines.flatMap((line) => {
      const report = SupervisorReport.safeParse(parseJson(line))
      return report.success && report.data.child === child ? [report.data] : []
    })
    .slice(-SHOWN)

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
