import { canonicalJson } from '../contracts/canonical-json.ts'
import type { GateStatement } from '../contracts/gate.ts'

/** The SSHSIG namespace of gate decisions: a signature made for git or a mail never counts here, nor ours there. */
export const GATE_NAMESPACE = 'oc-supervise-gate'

/** The exact bytes an operator signs; no newline at the end. */
export const statementBytes = (statement: GateStatement): Buffer =>
  Buffer.from(canonicalJson(statement), 'utf8')
