import { systemClock } from '../../platform/clock.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { withSystem } from '../look/with-system.ts'
import { relative } from '../print/format-time.ts'
import type { Answer } from '../print/print-answer.ts'
import { type Cell, formatTable } from '../print/print-table.ts'
import { gateJson } from './gate-json.ts'
import { askedBy, expiryMs, openGates, type StoredGate, sentDecision } from './stored-gate.ts'

/** `gate list`: the gates that still take a decision; with `ids` nothing but their ids, for scripts. */
export const listGates = (options: StateOptions & { readonly ids?: boolean }): Promise<Answer> =>
  withSystem(options, async ({ store }) => {
    const gates = await openGates(store)
    if (options.ids === true) {
      return {
        json: { gates: gates.map(({ row }) => ({ id: row.id })) },
        text: gates.map(({ row }) => `${row.id}\n`).join(''),
      }
    }
    return {
      json: { gates: gates.map(gateJson) },
      text: gates.length === 0 ? 'no gate is open' : tableOf(gates),
    }
  })

const waitsForRun = (gate: StoredGate): string | null => {
  const decided = sentDecision(gate)
  return decided === null ? null : `${decided}; waits for a run to take it up`
}

const tableOf = (gates: readonly StoredGate[]): string => {
  const nowMs = systemClock.wallMs()
  return formatTable(
    ['gate', 'asks', 'who', 'expires', 'why'],
    gates.map((gate): Cell[] => {
      const expired = expiryMs(gate) <= nowMs
      const who = gate.opening.operators.map(({ name }) => name).join(', ') || 'anybody'
      return [
        gate.row.id,
        askedBy(gate),
        who,
        { text: relative(nowMs, expiryMs(gate)), colour: expired ? 'red' : null },
        waitsForRun(gate) ?? gate.opening.reasons.join('; '),
      ]
    }),
  )
}
