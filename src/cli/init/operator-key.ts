import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { signingKey } from '../../gates/signing-key.ts'
import { formatPublicKey, parsePublicKey } from '../../gates/ssh-public-key.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { isWithin } from './is-within.ts'
import { makeKeyFiles } from './openssh-key-file.ts'

/** The public half of an operator's key, and whether its private half was made just now. */
export interface OperatorKey {
  readonly publicKey: string
  readonly created: boolean
  readonly path: string
}

/**
 * The key in a file, or a new one (0600, no passphrase) where no file is.
 * @param root the work tree; agents work on clones of it, so that a private key in it would be theirs
 * @throws UsageError when it lies in the work tree, RefusedError `key_unusable`
 */
export const operatorKey = (name: string, file: string, root: string): OperatorKey => {
  const path = resolve(file)
  if (isWithin(root, path))
    throw new UsageError(
      `--key ${path} lies in the repository ${root}; a private key belongs elsewhere, say in ~/.ssh`,
    )
  return existsSync(path)
    ? { publicKey: publicKeyOf(path), created: false, path }
    : { publicKey: createKey(name, path), created: true, path }
}

const publicKeyOf = (path: string): string => {
  const key = signingKey(path)
  switch (key.kind) {
    case 'ed25519':
      return `ssh-ed25519 ${key.publicKey.toString('base64')}`
    case 'agent':
      return key.publicKeyLine
    case 'keyFile':
      return publicHalfBeside(path, key.why)
    case 'refused':
      throw new RefusedError('key_unusable', key.reason)
  }
}

/** A key that only OpenSSH can read has its public half beside it. */
const publicHalfBeside = (path: string, why: string): string => {
  const beside = `${path}.pub`
  const parsed = existsSync(beside) ? parsePublicKey(readFileSync(beside, 'utf8')) : null
  if (parsed?.ok === true) return formatPublicKey(parsed.key)
  throw new RefusedError(
    'key_unusable',
    `${path}: ${why}, and ${beside} holds no public key; name that file with --key`,
  )
}

const createKey = (name: string, path: string): string => {
  const { privateText, publicLine } = makeKeyFiles(`${name}, oc-supervise gates`)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, privateText, { mode: 0o600, flag: 'wx' })
  try {
    writeFileSync(`${path}.pub`, `${publicLine}\n`, { mode: 0o644, flag: 'wx' })
  } catch (error) {
    rmSync(path)
    throw new RefusedError(
      'key_unusable',
      `${path}.pub cannot be written (${(error as NodeJS.ErrnoException).code}); name another file with --key`,
    )
  }
  return publicLine.split(' ').slice(0, 2).join(' ')
}
