import type { Diagnosis } from './diagnosis.ts'
import type { LadderPorts } from './ladder.ts'

/**
 * The last rung: replaces the process. The new incarnation works from recorded state alone (journal, registrations,
 * board); what it must know of the fault is in the report written here.
 */
export const resume = (
  diagnosis: Diagnosis | null,
  ports: Pick<LadderPorts, 'child' | 'report' | 'replace'>,
): void => {
  const reason = diagnosis?.sentence ?? 'no diagnosis'
  ports.report({
    context: 'resumed',
    child: ports.child,
    reason,
    decision: 'end the hung process and start it from recorded state',
    data: { class: diagnosis?.class ?? 'unknown' },
  })
  ports.replace(reason)
}
