import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type PublicKeyInput,
} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../platform/atomic-file.ts'
import { randomHex } from '../platform/random.ts'

/** The instance's Ed25519 key pair; it signs anchors and attestations. */
export interface InstanceKeys {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** The file names within the keys folder. */
const PRIVATE_FILE = 'instance.key'
const PUBLIC_FILE = 'instance.pub'

/**
 * Loads the key pair of `dir`, creating it (0600) where there is none. Two processes that create at once end up with
 * the same pair: the private key is linked into place whole, and only the first link succeeds.
 * @throws Error when the file there is no Ed25519 private key.
 */
export const loadOrCreateKeys = (dir: string): InstanceKeys => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, PRIVATE_FILE)
  if (readIfThere(path) === null) {
    const { privateKey } = generateKeyPairSync('ed25519')
    createOnce(dir, PRIVATE_FILE, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  }
  const keys = pairOf(readFileSync(path, 'utf8'), path)
  if (readIfThere(join(dir, PUBLIC_FILE)) === null)
    createOnce(dir, PUBLIC_FILE, keys.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  return keys
}

/**
 * Reads the public key that verifies anchors: of the keys folder, or any PEM file.
 * @throws Error naming the file when it holds no public key.
 */
export const loadPublicKey = (dirOrFile: string): KeyObject => {
  const inFolder = readIfThere(join(dirOrFile, PUBLIC_FILE))
  const path = inFolder === null ? dirOrFile : join(dirOrFile, PUBLIC_FILE)
  try {
    const key: PublicKeyInput = { key: inFolder ?? readFileSync(path, 'utf8'), format: 'pem', type: 'spki' }
    return createPublicKey(key)
  } catch (error) {
    throw new Error(`${path}: not a public key in PEM format (${(error as Error).message})`, { cause: error })
  }
}

const pairOf = (pem: string, path: string): InstanceKeys => {
  try {
    const privateKey = createPrivateKey(pem)
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key')
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } catch (error) {
    throw new Error(`${path}: not usable as the instance key (${(error as Error).message})`, { cause: error })
  }
}

const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}

const createOnce = (dir: string, name: string, text: string): void => {
  const draft = join(dir, `.${name}.${randomHex(8)}`)
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    // A umask can only take rights away, but what the file has must not depend on it.
    chmodSync(draft, 0o600)
    linkSync(draft, join(dir, name))
    syncFolder(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
