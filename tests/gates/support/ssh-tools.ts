import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of keys made by the real ssh-keygen. */
export interface KeyFolder {
  readonly dir: string
  /** Makes a key pair and gives its private file. */
  make(name: string, type: string, options?: { passphrase?: string; bits?: number }): string
  publicLine(name: string): string
  /** What `ssh-keygen -Y verify` says about a signature over `message`. */
  verify(
    principal: string,
    publicLine: string,
    namespace: string,
    message: Uint8Array,
    signature: string,
  ): boolean
  /** What `ssh-keygen -Y sign` writes. */
  sign(keyFile: string, namespace: string, message: Uint8Array, extra?: readonly string[]): string
  remove(): void
}

export const keyFolder = (): KeyFolder => {
  const dir = mkdtempSync(join(tmpdir(), 'oc-supervise-keys-'))
  return {
    dir,
    make: (name, type, { passphrase = '', bits } = {}) => {
      const file = join(dir, name)
      const size = bits === undefined ? [] : ['-b', String(bits)]
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        type,
        ...size,
        '-N',
        passphrase,
        '-C',
        `${name} of a test`,
        '-f',
        file,
      ])
      return file
    },
    publicLine: (name) => readFileSync(join(dir, `${name}.pub`), 'utf8').trim(),
    verify: (principal, publicLine, namespace, message, signature) => {
      writeFileSync(join(dir, 'allowed_signers'), `${principal} ${publicLine}\n`)
      writeFileSync(join(dir, 'signature'), signature)
      const args = ['-Y', 'verify', '-f', join(dir, 'allowed_signers'), '-I', principal, '-n', namespace]
      const done = spawnSync('ssh-keygen', [...args, '-s', join(dir, 'signature')], { input: message })
      return done.status === 0
    },
    sign: (keyFile, namespace, message, extra = []) =>
      execFileSync('ssh-keygen', ['-Y', 'sign', '-f', keyFile, '-n', namespace, ...extra], {
        input: message,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
