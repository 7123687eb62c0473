import type { JsonValue } from '../contracts/json.ts'
import { KeeperSpec } from '../contracts/keeper.ts'
import { readJsonFile } from '../platform/atomic-file.ts'
import type { AttemptEvidence } from './attempt-evidence.ts'
import type { AttemptResult } from './attempt-result.ts'
import { buildAgentCommand } from './build-agent-command.ts'
import { buildExecutionRecord } from './build-execution-record.ts'
import { buildExecutionRequest } from './build-execution-request.ts'
import { buildExecutionTrace } from './build-execution-trace.ts'
import { buildStartGate } from './build-start-gate.ts'

/** What one evidence file is made of, or why it is not there. */
export type FilePlan =
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string }
  /** A file of somebody else's, copied in bounded. */
  | {
      readonly kind: 'copy'
      readonly path: string
      readonly limitBytes: number
      readonly asJsonLine: boolean
    }
  | { readonly kind: 'absent'; readonly reason: string }

const MIB = 1024 * 1024
/** What a copied file may hold; longer ones keep their beginning and end. */
const COPY_LIMIT_BYTES = { events: 16 * MIB, stderr: 4 * MIB, patch: 16 * MIB } as const

/** Every file of an attempt's folder but `index.json` and `attestation.json`, in the order they are read by people. */
export const planAttemptFiles = (
  evidence: AttemptEvidence,
  result: AttemptResult,
): ReadonlyArray<{ readonly file: string; readonly plan: FilePlan }> => {
  const { input, keeper, diffPatchFile } = evidence
  const why = whyAbsent(result)
  const orAbsent = (value: JsonValue): FilePlan => (value === null ? absent(why) : { kind: 'json', value })
  const unlessRefused = (value: JsonValue): FilePlan => orAbsent(result.status === 'refused' ? null : value)
  return [
    { file: 'proposal.json', plan: orAbsent(input.proposal) },
    { file: 'decision.json', plan: orAbsent(input.decision) },
    { file: 'execution_request.json', plan: unlessRefused(buildExecutionRequest(input)) },
    { file: 'policy.json', plan: orAbsent(input.policy) },
    {
      file: 'start_gate.json',
      plan:
        evidence.startDecision === null
          ? absent('nobody was asked whether it may start')
          : { kind: 'json', value: buildStartGate(evidence.startDecision) },
    },
    { file: 'agent_command.json', plan: keeper === null ? absent(why) : agentCommand(keeper.specFile) },
    { file: 'agent_events.ndjson', plan: stream(keeper?.stdoutFile, COPY_LIMIT_BYTES.events, true, why) },
    { file: 'agent_stderr.txt', plan: stream(keeper?.stderrFile, COPY_LIMIT_BYTES.stderr, false, why) },
    {
      file: 'checks.json',
      plan: input.checks === null ? absent(whyUnchecked(result)) : orAbsent(input.checks),
    },
    { file: 'diff_stat.txt', plan: diffStat(input.measurement, result, why) },
    { file: 'diff.patch', plan: stream(diffPatchFile, COPY_LIMIT_BYTES.patch, false, whyUnchanged(result)) },
    { file: 'result.json', plan: { kind: 'json', value: result } },
    { file: 'execution_record.json', plan: unlessRefused(buildExecutionRecord(input, result)) },
    { file: 'execution_trace.json', plan: unlessRefused(buildExecutionTrace(input, result)) },
  ]
}

const absent = (reason: string): FilePlan => ({ kind: 'absent', reason })

const stream = (
  path: string | null | undefined,
  limitBytes: number,
  asJsonLine: boolean,
  why: string,
): FilePlan =>
  path === null || path === undefined ? absent(why) : { kind: 'copy', path, limitBytes, asJsonLine }

const agentCommand = (specFile: string): FilePlan => {
  const spec = readJsonFile(specFile, KeeperSpec)
  return spec.ok
    ? { kind: 'json', value: buildAgentCommand(spec.value) }
    : absent(`the keeper's own record of the command is ${spec.reason}`)
}

const diffStat = (
  measurement: AttemptEvidence['input']['measurement'],
  result: AttemptResult,
  why: string,
): FilePlan => {
  if (measurement === null) return absent(result.executed ? 'the work was not measured' : why)
  const text =
    measurement.diffStat === '' ? `changed files: ${result.changedFiles.status}` : measurement.diffStat
  return { kind: 'text', text: text.endsWith('\n') ? text : `${text}\n` }
}

/** Why what follows the plan is missing. */
const whyAbsent = ({ status, failure }: AttemptResult): string => {
  const because = failure === null ? '' : ` (${failure.class}: ${failure.reason})`
  if (status === 'refused') return `refused before anything ran${because}`
  return status === 'not_executed'
    ? `ended before the agent was started${because}`
    : 'not handed over by the run'
}

const whyUnchecked = (result: AttemptResult): string => {
  if (!result.executed) return whyAbsent(result)
  return result.commit === null ? 'there was no commit to check' : 'the attempt ended before the checks'
}

const whyUnchanged = (result: AttemptResult): string => {
  if (!result.executed) return whyAbsent(result)
  return result.changedFiles.status === 'NONE' ? 'nothing changed' : 'there is no commit to show'
}
