import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeEvidence } from '../../src/evidence/write-evidence.ts'
import { type EvidencePlace, evidencePlace, inputOf } from './support/sample.ts'

const hasTools = ['jq', 'openssl', 'sha256sum'].every(
  (tool) => spawnSync(tool, ['--version']).error === undefined,
)

/** The commands that docs/evidence.md tells people to verify evidence with. */
const commands = (): string => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/evidence.md'), 'utf8')
  const chapter = page.split('## Verify\n')[1] ?? ''
  return /```sh\n([\s\S]*?)```/.exec(chapter)?.[1] ?? ''
}

let place: EvidencePlace
let run: string
beforeEach(async () => {
  place = evidencePlace()
  const { dir } = await writeEvidence(place.runsDir, place.evidenceOf(inputOf()), place.signer)
  run = join(dir, '..')
})
afterEach(() => place.remove())

/** Runs the documented commands in a folder of evidence. */
const verify = (folder: string) => {
  const key = join(place.runsDir, '..', 'instance.pub')
  writeFileSync(key, place.signer.publicKey.export({ type: 'spki', format: 'pem' }))
  const done = spawnSync('sh', ['-c', commands()], {
    cwd: join(run, folder),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, KEY: key },
  })
  return { status: done.status, said: done.stdout + done.stderr }
}

describe.skipIf(!hasTools).each(['.', 'att-1'])(
  'the documented commands, without oc-supervise, in %s',
  (folder) => {
    test('accept untouched evidence', () => {
      expect(verify(folder)).toEqual({ status: 0, said: 'Signature Verified Successfully\n' })
    })

    const victim = folder === '.' ? 'summary.json' : 'execution_record.json'
    test.each<[string, () => void, RegExp]>([
      [
        'an altered file',
        () => appendFileSync(join(run, folder, victim), ' '),
        new RegExp(`${victim}: FAILED`),
      ],
      ['a missing file', () => rmSync(join(run, folder, victim)), new RegExp(victim)],
      ['an extra file', () => writeFileSync(join(run, folder, 'extra.txt'), ''), /> extra.txt/],
      [
        'a changed statement',
        () => retell(join(run, folder, 'attestation.json')),
        /Signature Verification Failure/,
      ],
    ])('name %s', (_name, touch, said) => {
      touch()
      const done = verify(folder)
      expect(done.status).not.toBe(0)
      expect(done.said).toMatch(said)
    })

    const retell = (file: string) => {
      const envelope = JSON.parse(readFileSync(file, 'utf8'))
      const text = Buffer.from(envelope.payload, 'base64').toString().replace('succeeded', 'perfected')
      writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(text).toString('base64') }))
    }
  },
)
