import type { DiagnosisClass } from './diagnosis.ts'
import { type FixId, remedyFor } from './doctor-table.ts'
import { FIXES, type FixScope, type Undo } from './fixes.ts'

/** What became of one fix. */
export interface FixOutcome {
  readonly fix: FixId
  /** `would_apply` only in a dry run. `failed`: something was left to do after it had run. */
  readonly outcome: 'not_needed' | 'would_apply' | 'applied' | 'failed'
  readonly lines: readonly string[]
  /** Null where it was not applied or cannot be undone. */
  readonly undo: Undo | null
}

export interface DoctorOutcome {
  /** Whether replacing the process makes sense now. */
  readonly ok: boolean
  readonly outcomes: readonly FixOutcome[]
}

/** Carries out the remedy for a class of diagnosis, or only says what it would do. */
export const doctor = async (
  diagnosis: DiagnosisClass,
  scope: FixScope,
  options: { readonly dryRun: boolean },
): Promise<DoctorOutcome> => {
  const remedy = remedyFor(diagnosis)
  if (remedy === null) return { ok: false, outcomes: [] }
  const outcomes = await runFixes(remedy.fixes, scope, options)
  return { ok: remedy.replace && outcomes.every(({ outcome }) => outcome !== 'failed'), outcomes }
}

/** Runs fixes one after the other; each proves itself by finding nothing left to do. */
export const runFixes = async (
  fixes: readonly FixId[],
  scope: FixScope,
  options: { readonly dryRun: boolean },
): Promise<FixOutcome[]> => {
  const outcomes: FixOutcome[] = []
  for (const id of fixes) outcomes.push(await runFix(id, scope, options.dryRun))
  return outcomes
}

const runFix = async (id: FixId, scope: FixScope, dryRun: boolean): Promise<FixOutcome> => {
  const fix = FIXES[id]
  try {
    const lines = fix.preview(scope)
    if (lines.length === 0) return { fix: id, outcome: 'not_needed', lines, undo: null }
    if (dryRun) return { fix: id, outcome: 'would_apply', lines, undo: null }
    const undo = await fix.apply(scope)
    const left = fix.preview(scope)
    return {
      fix: id,
      outcome: left.length === 0 ? 'applied' : 'failed',
      lines: left.length === 0 ? lines : left,
      undo,
    }
  } catch (error) {
    return { fix: id, outcome: 'failed', lines: [(error as Error).message], undo: null }
  }
}
