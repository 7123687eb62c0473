import { z } from 'zod'
import { Containment } from '../contracts/agent-run.ts'
import { AttemptId, GateId, RunId, Sha256, TaskId } from '../contracts/ids.ts'
import { sha256 } from '../platform/sha256.ts'
import type { AttemptEvidence } from './attempt-evidence.ts'
import { AttemptResult } from './attempt-result.ts'
import type { RenderedFile } from './render-files.ts'
import type { RunSummary } from './run-summary.ts'

/** Names, not addresses: nothing is ever fetched from them. A change of meaning gets a new version. */
export const ATTEMPT_PREDICATE = 'urn:oc-supervise:attestation:attempt:v1'
const RUN_PREDICATE = 'urn:oc-supervise:attestation:run:v1'

const Origin = z.object({
  versions: z.record(z.string(), z.string()),
  gateTrust: z.enum(['isolated', 'same-user']),
  journal: z.object({ stream: z.string(), seq: z.number().int(), hash: Sha256 }).nullable(),
  /** Hash of the journal's latest signed anchor. */
  anchor: Sha256.nullable(),
})

const AttemptPredicate = Origin.extend({
  run: RunId,
  attempt: AttemptId,
  number: z.number().int().positive(),
  task: AttemptResult.shape.task,
  lane: AttemptResult.shape.lane,
  agent: AttemptResult.shape.agent,
  containment: Containment.nullable(),
  /** Who let it begin, or refused it; null where nobody was asked. */
  start: z
    .object({
      gate: GateId,
      decision: z.enum(['approved', 'rejected']),
      by: z.string(),
      signed: z.boolean(),
    })
    .nullable()
    .default(null),
  recorded: z.boolean(),
  manifestHash: Sha256.nullable(),
  result: AttemptResult.pick({
    status: true,
    success: true,
    executed: true,
    policy: true,
    changedFiles: true,
    validation: true,
    commit: true,
    pull: true,
  }).extend({ failureClass: z.string().nullable() }),
  recordedAt: z.string(),
})

const RunPredicate = Origin.extend({
  run: RunId,
  task: TaskId,
  status: AttemptResult.shape.status,
  attempts: z.array(AttemptId),
  /** The weakest of its attempts; null where no agent ran, and in statements that did not say it. */
  containment: Containment.nullable().default(null),
  recordedAt: z.string(),
})

const statementOf = <T extends string, P extends z.ZodType>(predicateType: T, predicate: P) =>
  z.object({
    _type: z.literal('https://in-toto.io/Statement/v1'),
    subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256: Sha256 }) })).min(1),
    predicateType: z.literal(predicateType),
    predicate,
  })

/** What an attestation says; in-toto Statement v1. Subjects are the files beside it, by their paths from its folder. */
export const EvidenceStatement = z.discriminatedUnion('predicateType', [
  statementOf(ATTEMPT_PREDICATE, AttemptPredicate),
  statementOf(RUN_PREDICATE, RunPredicate),
])
export type EvidenceStatement = z.infer<typeof EvidenceStatement>

/** Builds the statement about one attempt's folder. */
export const attemptStatement = (
  evidence: AttemptEvidence,
  result: AttemptResult,
  files: readonly RenderedFile[],
): EvidenceStatement => {
  const { status, success, executed, policy, changedFiles, validation, commit, pull, failure } = result
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjectsOf(files),
    predicateType: ATTEMPT_PREDICATE,
    predicate: {
      run: result.runId,
      attempt: result.attemptId,
      number: result.attempt,
      task: result.task,
      lane: result.lane,
      agent: result.agent,
      containment: result.containment,
      start: startOf(evidence),
      recorded: result.recorded,
      manifestHash: evidence.input.proposal?.manifestHash ?? null,
      result: {
        ...{ status, success, executed, policy, changedFiles, validation, commit, pull },
        failureClass: failure?.class ?? null,
      },
      recordedAt: result.recordedAt,
      ...originOf(evidence),
    },
  }
}

/** Builds the statement about a run's folder: its own files and the attestation of every attempt, so that none can go missing. */
export const runStatement = (
  evidence: Pick<AttemptEvidence, 'versions' | 'gateTrust' | 'journal'>,
  summary: RunSummary,
  containment: Containment | null,
  files: readonly RenderedFile[],
): EvidenceStatement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: subjectsOf(files),
  predicateType: RUN_PREDICATE,
  predicate: {
    run: summary.runId,
    task: summary.task.id,
    status: summary.status,
    attempts: summary.attempts.map(({ attemptId }) => attemptId),
    containment,
    recordedAt: summary.recordedAt,
    ...originOf(evidence),
  },
})

const startOf = ({ startDecision }: AttemptEvidence) => {
  if (startDecision === null) return null
  const { gate, decision, by } = startDecision.decision.statement
  return { gate, decision, by, signed: startDecision.signed }
}

const originOf = ({
  versions,
  gateTrust,
  journal,
}: Pick<AttemptEvidence, 'versions' | 'gateTrust' | 'journal'>) => ({
  versions: { ...versions },
  gateTrust,
  journal: journal.head === null ? null : { ...journal.head },
  anchor: journal.anchorHash,
})

const subjectsOf = (files: readonly RenderedFile[]) =>
  files
    .map(({ file, bytes }) => ({ name: file, digest: { sha256: sha256(bytes) } }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
