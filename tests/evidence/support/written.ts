import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { writeEvidence } from '../../../src/evidence/write-evidence.ts'
import { type EvidencePlace, evidencePlace, inputOf } from './sample.ts'

/** All that the folder of an attempt which ran holds. */
export const ATTEMPT_FILES = [
  'agent_command.json',
  'agent_events.ndjson',
  'agent_stderr.txt',
  'attestation.json',
  'checks.json',
  'decision.json',
  'diff.patch',
  'diff_stat.txt',
  'execution_record.json',
  'execution_request.json',
  'execution_trace.json',
  'index.json',
  'policy.json',
  'proposal.json',
  'result.json',
]
/** What a run's folder holds beside its attempts. */
export const RUN_FILES = ['attestation.json', 'result_summary.md', 'run_metadata.json', 'summary.json']

/** A place for evidence, made anew for each test. To be called once in a test file. */
export const evidenceGiven = () => {
  const given = {
    place: undefined as unknown as EvidencePlace,
    write: (input = inputOf(), overrides = {}) =>
      writeEvidence(given.place.runsDir, given.place.evidenceOf(input, overrides), given.place.signer),
    /** A JSON file below the runs folder. */
    json: (...path: string[]) => JSON.parse(readFileSync(join(given.place.runsDir, ...path), 'utf8')),
    /** Every file below the runs folder with its bytes. */
    snapshot: () =>
      Object.fromEntries(
        readdirSync(given.place.runsDir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
          .map((path) => [path.slice(given.place.runsDir.length + 1), readFileSync(path, 'latin1')]),
      ),
  }
  beforeEach(() => {
    given.place = evidencePlace()
  })
  afterEach(() => given.place.remove())
  return given
}
