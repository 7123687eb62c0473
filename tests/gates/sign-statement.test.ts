import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GateStatement } from '../../src/contracts/gate.ts'
import { composeStatement } from '../../src/gates/compose-decision.ts'
import { signStatement } from '../../src/gates/sign-statement.ts'
import { sshKeygenRunner } from '../../src/gates/ssh-keygen-runner.ts'
import { statementBytes } from '../../src/gates/statement-bytes.ts'
import { verifyDecision } from '../../src/gates/verify-decision.ts'
import { OPENED_AT_MS, openingOf } from './support/opening.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

const NOW_MS = OPENED_AT_MS + 1000
const CHOICE = { decision: 'approved', by: 'ada', note: '', evidenceHashes: [], nowMs: NOW_MS } as const
const STATEMENT = composeStatement(openingOf([]), CHOICE)

let keys: KeyFolder
beforeAll(() => {
  keys = keyFolder()
})
afterAll(() => keys.remove())

const sshKeygen = (authSock: string | null) =>
  sshKeygenRunner({ registrationsDir: join(keys.dir, 'registrations'), authSock })

/** Both judges: ours and the real ssh-keygen. */
const judges = (name: string, signature: string) => ({
  ours: verifyDecision(
    openingOf([{ name: 'ada', publicKey: keys.publicLine(name) }]),
    { statement: STATEMENT, note: '', signature },
    NOW_MS,
  ),
  theirs: keys.verify(
    'ada',
    keys.publicLine(name),
    'oc-supervise-gate',
    statementBytes(STATEMENT),
    signature,
  ),
})
const BOTH_AGREE = { ours: { valid: true, signed: true }, theirs: true }

describe('signing in process', () => {
  test('an unencrypted Ed25519 key needs no OpenSSH, and both judges accept it', async () => {
    const signed = await signStatement(STATEMENT, keys.make('plain', 'ed25519'), null)
    expect(signed.ok && judges('plain', signed.signature)).toEqual(BOTH_AGREE)
  })

  test('gives the very bytes that ssh-keygen gives', async () => {
    const file = keys.make('same', 'ed25519')
    const signed = await signStatement(STATEMENT, file, null)
    const theirs = keys.sign(file, 'oc-supervise-gate', statementBytes(STATEMENT))
    expect(signed).toEqual({ ok: true, signature: theirs })
  })

  test('follows a link to the key', async () => {
    const link = join(keys.dir, 'link')
    symlinkSync(keys.make('linked', 'ed25519'), link)
    expect((await signStatement(STATEMENT, link, null)).ok).toBe(true)
  })

  test.each([0o640, 0o604, 0o660, 0o777])(
    'refuses a private key of mode %o with the remedy',
    async (mode) => {
      const file = keys.make(`open-${mode}`, 'ed25519')
      chmodSync(file, mode)
      const signed = await signStatement(STATEMENT, file, null)
      expect(signed).toEqual({ ok: false, reason: expect.stringContaining(`chmod 600 '${file}'`) })
    },
  )

  test('accepts a private key that is read-only for its owner', async () => {
    const file = keys.make('readonly', 'ed25519')
    chmodSync(file, 0o400)
    expect((await signStatement(STATEMENT, file, null)).ok).toBe(true)
  })
})

describe('keys that only OpenSSH can use', () => {
  test.each([
    ['ecdsa', 256],
    ['rsa', 2048],
  ])('%s: signed through ssh-keygen; without it, the reason and the remedy', async (type, bits) => {
    const file = keys.make(`foreign-${type}`, type, { bits })
    const signed = await signStatement(STATEMENT, file, sshKeygen(null))
    expect(signed.ok && judges(`foreign-${type}`, signed.signature)).toEqual(BOTH_AGREE)
    const without = await signStatement(STATEMENT, file, null)
    expect(without).toEqual({
      ok: false,
      reason: expect.stringMatching(/has to be used by ssh-keygen.*ssh-add/),
    })
  })

  test('an encrypted key without a terminal fails with what ssh-keygen said and the remedy', async () => {
    const file = keys.make('encrypted', 'ed25519', { passphrase: 'open sesame' })
    const signed = await signStatement(STATEMENT, file, sshKeygen(null))
    expect(signed).toEqual({
      ok: false,
      reason: expect.stringMatching(/encrypted.*failed with exit.*ssh-add/),
    })
  })

  test('an ssh-keygen that is not there is told apart from one that fails', async () => {
    const file = keys.make('nobody', 'ecdsa')
    const absent = async () => ({ exitCode: null, stdout: '', stderr: '' })
    expect(await signStatement(STATEMENT, file, absent)).toEqual({
      ok: false,
      reason: expect.stringContaining('could not be started'),
    })
  })
})

describe('a key that an SSH agent holds', () => {
  let agent: ChildProcess
  let socket: string
  beforeAll(async () => {
    socket = join(keys.dir, 'agent.sock')
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    if (agent.stdout === null) throw new Error('ssh-agent has no standard output')
    await once(createInterface(agent.stdout), 'line')
    const file = keys.make('held', 'ed25519', { passphrase: 'open sesame' })
    const askpass = join(keys.dir, 'askpass')
    writeFileSync(askpass, '#!/bin/sh\necho "open sesame"\n', { mode: 0o700 })
    const env = { PATH: process.env.PATH ?? '', SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass }
    execFileSync('ssh-add', ['-q', file], { env: { ...env, SSH_ASKPASS_REQUIRE: 'force' }, stdio: 'ignore' })
  })
  afterAll(async () => {
    agent.kill('SIGTERM')
    if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit')
  })

  test.each([
    ['by its .pub file', () => join(keys.dir, 'held.pub')],
    ['by key::', () => `key::${keys.publicLine('held')}`],
    ['by its encrypted private file', () => join(keys.dir, 'held')],
  ])('signs when named %s', async (_name, key) => {
    const signed = await signStatement(STATEMENT, key(), sshKeygen(socket))
    expect(signed.ok && judges('held', signed.signature)).toEqual(BOTH_AGREE)
  })

  test('leaves no copy of the public key behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('oc-supervise-key-'))
    await signStatement(STATEMENT, `key::${keys.publicLine('held')}`, sshKeygen(socket))
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('oc-supervise-key-'))
    expect(after).toEqual(before)
  })

  test('is refused with a remedy where the agent is not there', async () => {
    const signed = await signStatement(STATEMENT, `key::${keys.publicLine('held')}`, sshKeygen(null))
    expect(signed).toEqual({ ok: false, reason: expect.stringContaining('ssh-add') })
  })
})

describe('what is no key', () => {
  test.each([
    ['a file that is not there', () => join(keys.dir, 'absent'), /cannot be opened \(ENOENT\)/],
    ['a folder', () => keys.dir, /not a regular file/],
    ['text', () => write('text', 'hello'), /neither a private key nor a public key/],
    ['a private key that was cut', () => write('cut', CUT), /ends too early/],
    [
      'a private key without an end',
      () => write('endless', CUT.split('\n').slice(0, 2).join('\n')),
      /not a private key/,
    ],
    ['a large file', () => write('large', 'x'.repeat(100_000)), /too large/],
  ])('%s is refused by name', async (_name, make, reason) => {
    const signed = await signStatement(STATEMENT, make(), null)
    expect(signed).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  const write = (name: string, text: string): string => {
    const path = join(keys.dir, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const CUT = `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from('openssh-key-v1\0\0\0\0\x04none').toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
})

test('the statement itself passes its schema', () => {
  expect(GateStatement.parse(STATEMENT)).toEqual(STATEMENT)
})
