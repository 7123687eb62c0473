import type { Operator } from '../contracts/gate.ts'
import { formatPublicKey, parsePublicKey } from './ssh-public-key.ts'

export type OperatorsFromKeys =
  | { readonly ok: true; readonly operators: readonly Operator[] }
  /** One sentence a problem, each naming its operator. */
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * Makes the operators a gate may name from the text of their public keys (`ssh_key`, or the content of
 * `ssh_key_file`). Keys come out in one spelling, sorted by name. Two names for one key are refused: a decision's
 * `by` would then prove nothing.
 * @example operatorsFromKeys({ ada: 'ssh-ed25519 AAAA… ada@laptop' })
 */
export const operatorsFromKeys = (keys: Readonly<Record<string, string>>): OperatorsFromKeys => {
  const operators: Operator[] = []
  const problems: string[] = []
  for (const [name, text] of Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parsed = parsePublicKey(text)
    if (!parsed.ok) {
      problems.push(`operator "${name}": ${parsed.reason}`)
      continue
    }
    const publicKey = formatPublicKey(parsed.key)
    const twin = operators.find((operator) => operator.publicKey === publicKey)
    if (twin === undefined) operators.push({ name, publicKey })
    else
      problems.push(
        `operators "${twin.name}" and "${name}" have the same key; every operator needs a key of their own`,
      )
  }
  return problems.length === 0 ? { ok: true, operators } : { ok: false, problems }
}
