import { createHash } from 'node:crypto'
import { readKeyObject, SSH_KEY_TYPES, type SshKeyType, type WireKey } from './read-key-object.ts'
import { decodeBase64, SshFormatError } from './ssh-wire.ts'

/** One public key as OpenSSH writes it on a line: type, wire bytes. */
export interface SshPublicKey extends WireKey {
  readonly type: SshKeyType
  readonly blob: Buffer
}

export type ParsedPublicKey =
  | { readonly ok: true; readonly key: SshPublicKey }
  | { readonly ok: false; readonly reason: string }

/**
 * Reads one line of a `.pub` file (`ssh-ed25519 AAAA… comment`). A private key pasted by mistake, a line of an
 * authorized_keys file with options, and certificates are refused by name.
 */
export const parsePublicKey = (line: string): ParsedPublicKey => {
  const text = line.trim()
  if (text.includes('PRIVATE KEY')) {
    return refused(
      'this is a private key; give the one line of the file that ends in .pub, and treat the key as leaked',
    )
  }
  if (/[\r\n]/.test(text)) return refused('a public key is one line; this has several')
  const [type = '', base64 = ''] = text.split(/[ \t]+/)
  if (!isKeyType(type)) {
    return refused(`"${type.slice(0, 60)}" is not a key type we accept (${SSH_KEY_TYPES.join(', ')})`)
  }
  const blob = decodeBase64(base64)
  if (blob === null) return refused(`the second word of the ${type} key is not base64`)
  try {
    return { ok: true, key: { type, blob, ...readKeyObject(type, blob) } }
  } catch (error) {
    if (error instanceof SshFormatError) return refused(error.message)
    throw error
  }
}

/** One line without the comment: equal keys have equal lines. */
export const formatPublicKey = (key: SshPublicKey): string => `${key.type} ${key.blob.toString('base64')}`

/** The fingerprint `ssh-keygen -l` prints. */
export const fingerprint = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

const isKeyType = (type: string): type is SshKeyType => (SSH_KEY_TYPES as readonly string[]).includes(type)

const refused = (reason: string): ParsedPublicKey => ({ ok: false, reason })
