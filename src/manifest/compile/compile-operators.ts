import type { Operator } from '../../contracts/gate.ts'
import type { CompileContext } from '../compile-context.ts'
import type { ManifestFinding } from '../manifest-problem.ts'
import type { Manifest } from '../schema/manifest.ts'
import { resolvePath } from './resolve-path.ts'

/** The operators with their keys read and checked, and what is wrong with the rest. */
export const compileOperators = (
  context: CompileContext,
  operators: Manifest['gates']['operators'],
): { readonly operators: readonly Operator[]; readonly findings: readonly ManifestFinding[] } => {
  const findings: ManifestFinding[] = []
  const keys: Record<string, string> = {}
  for (const [name, operator] of Object.entries(operators)) {
    const source = operator.ssh_key_file === undefined ? 'ssh_key' : 'ssh_key_file'
    const refuse = (message: string, remedy: string): void =>
      void findings.push({ at: ['gates', 'operators', name, source], message, remedy })
    const key = readKey(context, operator)
    if (!key.ok) {
      refuse(
        `the key file ${key.path} cannot be read (${key.reason})`,
        'name the .pub file of the operator’s key',
      )
      continue
    }
    // One by one first, so that each problem stands at its own key.
    const alone = context.operatorsFromKeys({ [name]: key.text })
    if (alone.ok) keys[name] = key.text
    else
      refuse(
        alone.problems.join('; '),
        'write the one line of a .pub file, as ssh-keygen -t ed25519 makes it',
      )
  }
  const all = context.operatorsFromKeys(keys)
  if (all.ok) return { operators: all.operators, findings }
  const remedy = 'give every operator a key of their own'
  const clashes = all.problems.map((message) => ({ at: ['gates', 'operators'], message, remedy }))
  return { operators: [], findings: [...findings, ...clashes] }
}

type KeyText = { ok: true; text: string } | { ok: false; path: string; reason: string }

const readKey = (context: CompileContext, operator: Manifest['gates']['operators'][string]): KeyText => {
  if (operator.ssh_key_file === undefined) return { ok: true, text: operator.ssh_key ?? '' }
  const path = resolvePath(context, operator.ssh_key_file)
  const read = context.readText(path)
  return read.ok ? read : { ok: false, path, reason: read.reason }
}
