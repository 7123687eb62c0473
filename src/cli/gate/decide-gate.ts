import type { GateDecision } from '../../contracts/gate.ts'
import type { JsonValue } from '../../contracts/json.ts'
import { statementBytes } from '../../gates/statement-bytes.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { sha256 } from '../../platform/sha256.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import { type System, withSystem } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError } from '../report-error.ts'
import {
  choiceOf,
  type ReadyDecision,
  signHere,
  takeSigned,
  type Verdict,
  writeStatement,
} from './compose.ts'
import { type DecisionOptions, wayOf } from './decision-options.ts'
import { closedBy, findGate, type StoredGate, sentDecision } from './stored-gate.ts'

const QUEUE = 'supervisor'

/**
 * Decides one gate: composes and checks the decision, and leaves it for whoever advances the gate. What the gate would
 * refuse is refused here already.
 */
export const decideGate = (id: string, verdict: Verdict, options: DecisionOptions): Promise<Answer> => {
  const way = wayOf(options)
  const choice = way === 'send_signed' ? null : choiceOf(verdict, options)
  return withSystem(options, async (system) => {
    const gate = await findGate(system.store, id)
    const closed = closedBy(gate)
    if (closed !== null)
      throw new RefusedError('gate_closed', `${gate.row.id} takes no decision any more: ${closed}`)
    if (choice === null) return send(system, gate, takeSigned(gate, verdict, options))
    if (options.statementOut === undefined) {
      return send(system, gate, await signHere(system.layout, gate, choice, options.key))
    }
    writeStatement(gate, choice, options.statementOut)
    return written(gate, verdict, options.statementOut)
  })
}

/** One row in the inbox, and a ring; the gate itself verifies it again when it takes it. */
const send = async (
  { layout, store }: System,
  gate: StoredGate,
  { decision, signed }: ReadyDecision,
): Promise<Answer> => {
  const { row, context } = gate
  const { isNew } = await store.enqueue({
    id: rowId(decision, context.refused),
    actor: row.id,
    queue: QUEUE,
    event: { type: 'DECISION', decision: decision as unknown as JsonValue },
    start: null,
  })
  ringDoorbell(layout.doorbell(QUEUE))
  const { consumer, message } = whoConsumes(layout, QUEUE)
  const { decision: verdict, by } = decision.statement
  const how = signed ? 'signed' : 'unsigned'
  const known = isNew ? '' : ' (sent before; it counts once)'
  const before = isNew ? sentDecision(gate) : null
  const first = before === null ? '' : `${before} was left before it, and the first that holds counts; `
  return {
    json: { gate: row.id, decision: verdict, by, signed, isNew, before, consumer },
    text: `${row.id}: ${verdict} by ${by}, ${how}${known}; ${first}${message}`,
  }
}

/**
 * The same decision is the same row, however often it is sent; one that the gate has refused since (its check broke)
 * may be sent again.
 */
const rowId = (decision: GateDecision, refused: number): string => {
  const signed = Buffer.concat([statementBytes(decision.statement), Buffer.from(decision.signature ?? '')])
  return `decision/${decision.statement.gate}/${refused}/${sha256(signed)}`
}

const written = ({ row }: StoredGate, verdict: Verdict, path: string): Answer => {
  const verb = verdict === 'approved' ? 'approve' : 'reject'
  return {
    json: { gate: row.id, decision: verdict, statement: path },
    text: [
      `wrote ${quoted(path)}; nothing is decided yet. Read it, sign it where your key is:`,
      '  ssh-keygen -Y sign -f KEY -n oc-supervise-gate FILE',
      'and bring the signature back, with the same note:',
      `  oc-supervise gate ${verb} ${row.id} --note TEXT --statement FILE --signature FILE.sig`,
    ].join('\n'),
  }
}
