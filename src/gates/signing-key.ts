import type { KeyObject } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { parsePrivateKey } from './ssh-private-key.ts'
import { formatPublicKey, parsePublicKey } from './ssh-public-key.ts'

/** What `--key` came to. */
export type SigningKey =
  /** An unencrypted Ed25519 key: signed in process, OpenSSH is not needed. */
  | { readonly kind: 'ed25519'; readonly privateKey: KeyObject; readonly publicKey: Buffer }
  /** A private key file that only ssh-keygen can use. */
  | { readonly kind: 'keyFile'; readonly path: string; readonly why: string }
  /** The public half of a key that an SSH agent holds (one line of text). */
  | { readonly kind: 'agent'; readonly publicKeyLine: string }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Reads the value of `--key`: a private key file, a `.pub` file (the private half is in the SSH agent), or
 * `key::ssh-ed25519 AAAA…` as git writes it. A private key that others can read is refused.
 */
export const signingKey = (value: string): SigningKey => {
  if (value.startsWith('key::')) return agentKey(value.slice('key::'.length), 'the key after key::')
  const file = readKeyFile(value)
  if (!file.ok) return refused(file.reason)
  if (!file.text.includes('PRIVATE KEY-----')) return agentKey(file.text, `the key file "${value}"`)
  if ((file.mode & 0o077) !== 0) {
    const mode = (file.mode & 0o777).toString(8).padStart(4, '0')
    return refused(
      `the private key "${value}" can be read by others (mode ${mode}); run: chmod 600 '${value}'`,
    )
  }
  const parsed = parsePrivateKey(file.text)
  if (parsed.kind === 'unreadable')
    return refused(`the private key "${value}" cannot be used: ${parsed.reason}`)
  return parsed.kind === 'foreign' ? { kind: 'keyFile', path: value, why: parsed.why } : parsed
}

const agentKey = (line: string, what: string): SigningKey => {
  const parsed = parsePublicKey(line)
  return parsed.ok
    ? { kind: 'agent', publicKeyLine: formatPublicKey(parsed.key) }
    : refused(`${what} is neither a private key nor a public key: ${parsed.reason}`)
}

type KeyFile =
  | { readonly ok: true; readonly text: string; readonly mode: number }
  | { readonly ok: false; readonly reason: string }

/** Mode and text come from one open file, so that nobody swaps it between the question and the use. */
const readKeyFile = (path: string): KeyFile => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    return {
      ok: false,
      reason: `the key file "${path}" cannot be opened (${(error as NodeJS.ErrnoException).code})`,
    }
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) return { ok: false, reason: `the key file "${path}" is not a regular file` }
    if (stat.size > MAX_KEY_FILE_BYTES)
      return { ok: false, reason: `the key file "${path}" is too large to be a key` }
    return { ok: true, text: readFileSync(fd, 'utf8'), mode: stat.mode }
  } finally {
    closeSync(fd)
  }
}

const MAX_KEY_FILE_BYTES = 64 * 1024

const refused = (reason: string): SigningKey => ({ kind: 'refused', reason })
