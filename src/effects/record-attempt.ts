import { existsSync } from 'node:fs'
import type { AgentOutcome } from '../contracts/agent-run.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { FailureClass } from '../contracts/failure.ts'
import { defineEffect } from '../durable/effect.ts'
import type {
  AttemptEvidence,
  EvidenceSigner,
  GateTrust,
  JournalPosition,
  StartDecision,
} from '../evidence/attempt-evidence.ts'
import type { writeEvidence } from '../evidence/write-evidence.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import { attemptRecords } from './attempt-records.ts'
import { knownFailure } from './known-failure.ts'
import type { LedgerPort } from './ledger-port.ts'
import { neverHappened } from './never-happened.ts'

export interface RecordAttemptPorts {
  readonly layout: StateLayout
  readonly ledger: LedgerPort
  readonly writeEvidence: typeof writeEvidence
  readonly signer: EvidenceSigner
  readonly gateTrust: GateTrust
  readonly versions: Readonly<Record<string, string>>
  /** Where the journal stands for this task; part of what is attested. */
  readonly journalPosition: (taskId: string) => Promise<JournalPosition>
  /** What was decided at a start gate. @throws where the journal has no decision of it. */
  readonly startDecision: (gate: string) => Promise<StartDecision>
  readonly keeperFiles: (attempt: string) => AttemptEvidence['keeper']
  /**
   * Values that must be in no file: the agent's secrets.
   * @throws EffectFailure where it has run and one of them cannot be read now.
   */
  readonly secretsOf: (agent: string | null, hasRun: boolean) => Promise<readonly string[]>
}

/** Tells the ledger what came of one attempt, writes its evidence and attests it; safe to repeat. */
export const recordAttemptEffect = (ports: RecordAttemptPorts) =>
  defineEffect({
    name: 'recordAttempt',
    ...EFFECT_IO.recordAttempt,
    reconcile: neverHappened,
    perform: (_context, input) =>
      knownFailure(async () => {
        await conclude(ports.ledger, input)
        return ports.writeEvidence(ports.layout.runs, await gatherEvidence(ports, input), ports.signer)
      }),
  })

/** What was interrupted or taken back came to nothing that says anything. */
const conclude = async (
  ledger: LedgerPort,
  { attemptId, outcome, failure, checks, policy }: EffectInput<'recordAttempt'>,
): Promise<void> => {
  if (outcome?.ending !== 'completed' && outcome?.ending !== 'failed') return
  if (failure === null && checks?.passed !== true) return
  // An agent that went silent may have waited for its model; one that worked in vain would do so again.
  const fruitless =
    failure?.class === 'no_op' || (failure?.class === 'no_progress' && outcome.stopReason !== 'idle')
  const erosion = policy?.findings.filter(({ rule }) => rule.startsWith('tampering.')).length ?? 0
  const { retryAtMs } = outcome
  await ledger.conclude(attemptId, {
    failure,
    fruitless,
    retryAtMs,
    turnedAway: wasTurnedAway(outcome),
    erosion,
  })
}

/** What used up the money we reserved for it was stopped by us. */
const wasTurnedAway = ({ ending, failure, stopReason }: AgentOutcome): boolean =>
  ending === 'failed' && stopReason !== 'budget' && SERVICE_LIMITS.has(failure?.class ?? 'unknown')

const SERVICE_LIMITS: ReadonlySet<FailureClass> = new Set(['quota_exhausted', 'rate_limited'])

const gatherEvidence = async (
  ports: RecordAttemptPorts,
  input: EffectInput<'recordAttempt'>,
): Promise<AttemptEvidence> => {
  const { patch } = attemptRecords(ports.layout, input.attemptId)
  const hasCommit = input.measurement?.commit != null
  return {
    input,
    startDecision: input.startGate === null ? null : await ports.startDecision(input.startGate),
    keeper: input.outcome === null ? null : ports.keeperFiles(input.attemptId),
    diffPatchFile: hasCommit && existsSync(patch) ? patch : null,
    isCostKnown: await ports.ledger.isCostKnown(input.attemptId),
    journal: await ports.journalPosition(input.task.id),
    gateTrust: ports.gateTrust,
    versions: ports.versions,
    secrets: await ports.secretsOf(input.decision?.agent ?? null, input.outcome !== null),
  }
}
