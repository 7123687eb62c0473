import { type GateDecision, GateStatement } from '../contracts/gate.ts'
import { statementBytes } from './statement-bytes.ts'

export type DetachedDecision =
  | { readonly ok: true; readonly decision: GateDecision }
  | { readonly ok: false; readonly reason: string }

/**
 * Puts together a decision that was signed elsewhere: the statement file exactly as it was signed, and the `.sig` file
 * that `ssh-keygen -Y sign` wrote beside it. Whether it holds is for `completeDecision` to say.
 */
export const detachedDecision = (files: {
  statement: string
  signature: string
  note: string
}): DetachedDecision => {
  const statement = GateStatement.safeParse(parseJson(files.statement))
  if (!statement.success) {
    const issue = statement.error.issues[0]
    return refused(`the statement is not one of ours (${issue?.path.join('.') || 'top'}: ${issue?.message})`)
  }
  if (statementBytes(statement.data).toString('utf8') !== files.statement) {
    return refused('the statement was changed after it was written; sign the file byte for byte as it was')
  }
  return { ok: true, decision: { statement: statement.data, note: files.note, signature: files.signature } }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const refused = (reason: string): DetachedDecision => ({ ok: false, reason })
