import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AttemptEvidence } from '../../../src/evidence/attempt-evidence.ts'
import { evidenceSigner } from '../../../src/evidence/evidence-signer.ts'
import { writeEvidence } from '../../../src/evidence/write-evidence.ts'

/** Writes the evidence that standard input describes, and exits. */
interface Order {
  readonly runsDir: string
  readonly evidence: AttemptEvidence
  readonly privateKey: string
}

const { runsDir, evidence, privateKey } = JSON.parse(readFileSync(0, 'utf8')) as Order
const key = createPrivateKey(privateKey)
await writeEvidence(runsDir, evidence, evidenceSigner({ privateKey: key, publicKey: createPublicKey(key) }))
