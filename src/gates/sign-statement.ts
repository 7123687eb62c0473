import { sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { GateStatement } from '../contracts/gate.ts'
import { type SigningKey, signingKey } from './signing-key.ts'
import { sshString } from './ssh-wire.ts'
import { decodeSshSig, encodeSshSig, sshSigMessage } from './sshsig.ts'
import { GATE_NAMESPACE, statementBytes } from './statement-bytes.ts'

/**
 * Runs `ssh-keygen` with these arguments and this standard input; resolves however it ends, `exitCode` null where it
 * could not be started. See `sshKeygenRunner`.
 */
export type RunSshKeygen = (
  args: readonly string[],
  input: string,
) => Promise<{ exitCode: number | null; stdout: string; stderr: string }>

export type SignedStatement =
  | { readonly ok: true; readonly signature: string }
  | { readonly ok: false; readonly reason: string }

/**
 * Signs a statement with the key `--key` names (see `signingKey`). Unencrypted Ed25519 keys are used in process;
 * all others need `runSshKeygen`, null where there is none.
 */
export const signStatement = async (
  statement: GateStatement,
  key: string,
  runSshKeygen: RunSshKeygen | null,
): Promise<SignedStatement> => {
  const bytes = statementBytes(statement)
  const found = signingKey(key)
  if (found.kind === 'refused') return { ok: false, reason: found.reason }
  if (found.kind === 'ed25519') return { ok: true, signature: signEd25519(found, bytes) }
  if (runSshKeygen === null) return { ok: false, reason: `${needOf(found)}; ${REMEDY}` }
  return found.kind === 'keyFile'
    ? await signWithSshKeygen(found.path, bytes, needOf(found), runSshKeygen)
    : await signWithAgent(found.publicKeyLine, bytes, needOf(found), runSshKeygen)
}

const signEd25519 = (key: Extract<SigningKey, { kind: 'ed25519' }>, bytes: Buffer): string => {
  const signature = sign(null, sshSigMessage(GATE_NAMESPACE, bytes), key.privateKey)
  return encodeSshSig({
    publicKey: key.publicKey,
    namespace: GATE_NAMESPACE,
    signature: Buffer.concat([sshString('ssh-ed25519'), sshString(signature)]),
  })
}

/** `ssh-keygen -f` wants a file even where the agent holds the key. */
const signWithAgent = async (
  line: string,
  bytes: Buffer,
  need: string,
  run: RunSshKeygen,
): Promise<SignedStatement> => {
  const dir = mkdtempSync(join(tmpdir(), 'oc-supervise-key-'))
  try {
    const path = join(dir, 'key.pub')
    writeFileSync(path, `${line}\n`, { mode: 0o600 })
    return await signWithSshKeygen(path, bytes, need, run)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const signWithSshKeygen = async (
  path: string,
  bytes: Buffer,
  need: string,
  run: RunSshKeygen,
): Promise<SignedStatement> => {
  const done = await run(
    ['-Y', 'sign', '-f', resolve(path), '-n', GATE_NAMESPACE, '-O', 'hashalg=sha512'],
    bytes.toString('utf8'),
  )
  if (done.exitCode !== 0) {
    const said = done.stderr.trim().split('\n').at(-1) ?? ''
    const how = done.exitCode === null ? 'could not be started' : `failed with exit ${done.exitCode}`
    return {
      ok: false,
      reason: `${need}, and ssh-keygen ${how}${said === '' ? '' : ` (${said.slice(0, 300)})`}; ${REMEDY}`,
    }
  }
  const decoded = decodeSshSig(done.stdout)
  return decoded.ok
    ? { ok: true, signature: done.stdout }
    : { ok: false, reason: `ssh-keygen: ${decoded.reason}` }
}

const needOf = (key: Extract<SigningKey, { kind: 'keyFile' | 'agent' }>): string =>
  key.kind === 'keyFile'
    ? `the key "${key.path}" has to be used by ssh-keygen (${key.why})`
    : 'the key has to be used by ssh-keygen (an SSH agent holds it)'

const REMEDY =
  'use an unencrypted Ed25519 key file, or install OpenSSH, load the key with ssh-add and give --key its .pub file'
