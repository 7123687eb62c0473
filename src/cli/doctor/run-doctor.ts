import { existsSync } from 'node:fs'
import { type FixOutcome, runFixes } from '../../../supervisor/recovery/doctor.ts'
import { FIX_IDS } from '../../../supervisor/recovery/doctor-table.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { systemClock } from '../../platform/clock.ts'
import { acquireLock } from '../../platform/exclusive-lock.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { openJournal } from '../compose/open-journal.ts'
import { manifestPath } from '../compose/read-manifest.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import { currentManifest } from '../compose/stored-manifest.ts'
import { type Colour, paint } from '../print/paint.ts'
import type { Answer } from '../print/print-answer.ts'
import { oneLine } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { attention, type Check, note } from './check.ts'
import { checkDrafts, checkRecords, checkWorkspaces } from './check-files.ts'
import { checkHost } from './check-host.ts'
import { checkJournal } from './check-journal.ts'
import { checkProcesses, proveSupervisor } from './check-processes.ts'
import { checkPrograms } from './check-programs.ts'
import { checkState, DEFAULT_LIMITS, type Limits } from './check-state.ts'

export interface DoctorOptions extends StateOptions {
  readonly fixSafe?: boolean
  readonly dryRun?: boolean
}

/** `doctor`: checks this host and one state folder, and mends what is safe to mend where asked. */
export const runDoctor = async (options: DoctorOptions): Promise<Answer> => {
  if (options.dryRun === true && options.fixSafe !== true)
    throw new UsageError('--dry-run is for fixes: write --fix-safe --dry-run')
  const { layout, manifest } = await layoutOf(options)
  const fixes = options.fixSafe === true && layout !== null ? await fix(layout, options.dryRun === true) : []
  const checks = [...(await checkHost()), manifest, ...(layout === null ? [] : await checkSystem(layout))]
  return answerOf(
    layout,
    checks.filter((check) => check !== null),
    fixes,
  )
}

/** The state folder that is named; where there is none yet, a check says why. */
const layoutOf = async (
  options: StateOptions,
): Promise<{ layout: StateLayout | null; manifest: Check | null }> => {
  const missing = (options.stateDir ?? options.name) ? null : missingManifest(options)
  if (missing !== null) return { layout: null, manifest: missing }
  try {
    const layout = stateLayout(await selectStateDir(options))
    return existsSync(layout.root)
      ? { layout, manifest: null }
      : { layout: null, manifest: note('state folder', `${layout.root}: nothing has run here yet`, null) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    // The first problem; the command that is named tells all of them.
    const which = options.manifest === undefined ? '' : ` --manifest ${oneLine(options.manifest)}`
    const remedy = `oc-supervise manifest check${which}`
    const said = error.message
      .split('\n')
      .slice(0, 2)
      .map((line) => line.trim())
    return { layout: null, manifest: attention('manifest', said.join(' '), remedy) }
  }
}

/** A host may be looked at before anything is set up on it. */
const missingManifest = ({ manifest }: StateOptions): Check | null => {
  try {
    manifestPath(manifest)
    return null
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return note('manifest', error.message, 'oc-supervise init writes one')
  }
}

const checkSystem = async (layout: StateLayout): Promise<Check[]> => {
  const { proof, check } = proveSupervisor(layout)
  const journal = await checkJournal(layout.journal)
  return [
    ...checkState(layout, limitsOf(layout)),
    ...checkPrograms(agentsIn(layout), layout),
    ...journal,
    check,
    checkProcesses(layout, proof),
    checkRecords(layout, proof),
    checkDrafts(layout),
    ...(existsSync(layout.journal) && journal.every(({ outcome }) => outcome === 'ok')
      ? [await workspaces(layout)]
      : []),
  ]
}

const workspaces = async (layout: StateLayout): Promise<Check> => {
  const store = await openJournal(layout, systemClock)
  try {
    return await checkWorkspaces(layout, store)
  } finally {
    await store.close()
  }
}

/** Of the manifest in force; a system that never ran has none yet. */
const agentsIn = (layout: StateLayout): CompiledManifest['agents'] => {
  try {
    return currentManifest(layout).agents
  } catch (error) {
    if (error instanceof RefusedError) return {}
    throw error
  }
}

/** Of the manifest in force; a system that never ran has the defaults. */
const limitsOf = (layout: StateLayout): Limits => {
  try {
    return currentManifest(layout).limits
  } catch (error) {
    if (error instanceof RefusedError) return DEFAULT_LIMITS
    throw error
  }
}

/**
 * Every fix of the recovery ladder's table, for all children at once. The supervisor's lock is held meanwhile, so that
 * none can start under it.
 * @throws RefusedError `supervisor_running`: it mends by itself.
 */
const fix = async (layout: StateLayout, dryRun: boolean): Promise<readonly FixOutcome[]> => {
  // Where nothing of ours has ever run there is nothing to mend, and no lock is left in somebody else's folder.
  if (!existsSync(layout.registrations)) return []
  const lock = acquireLock(layout.lock)
  if (lock === null) {
    throw new RefusedError(
      'supervisor_running',
      `a supervisor runs on ${layout.root} and mends this by itself; stop it first with \`oc-supervise stop\``,
    )
  }
  try {
    return await runFixes(FIX_IDS, { layout, child: null, liveIncarnation: null }, { dryRun })
  } finally {
    lock.release()
  }
}

const answerOf = (
  layout: StateLayout | null,
  checks: readonly Check[],
  fixes: readonly FixOutcome[],
): Answer => {
  const failed = fixes.filter(({ outcome }) => outcome === 'failed')
  const wrong = checks.filter(({ outcome }) => outcome === 'attention').length + failed.length
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = [
    ...fixes.filter(({ outcome }) => outcome !== 'not_needed').flatMap(fixLines),
    ...checks.map((check) => lineOf(check, width)),
  ]
  return {
    json: {
      ok: wrong === 0,
      stateDir: layout?.root ?? null,
      checks,
      fixes: fixes.map(({ fix, outcome, lines }) => ({ fix, outcome, lines })),
    },
    text: lines.join('\n'),
    ...(wrong === 0
      ? {}
      : {
          refused: {
            code: 'needs_attention',
            message: `${wrong === 1 ? 'one thing needs' : `${wrong} things need`} attention`,
          },
        }),
  }
}

const MARKS: Readonly<Record<Check['outcome'], { mark: string; colour: Colour }>> = {
  ok: { mark: 'ok  ', colour: 'green' },
  note: { mark: 'note', colour: 'yellow' },
  attention: { mark: '!!  ', colour: 'red' },
}

const lineOf = ({ name, outcome, says, remedy }: Check, width: number): string => {
  const { mark, colour } = MARKS[outcome]
  const todo = remedy === null ? '' : `; ${paint(oneLine(remedy), 'bold')}`
  return `${paint(mark, colour)}  ${name.padEnd(width)}  ${oneLine(says)}${todo}`
}

const WORDS: Readonly<Record<FixOutcome['outcome'], string>> = {
  not_needed: 'not needed',
  would_apply: 'would',
  applied: 'done:',
  failed: 'failed:',
}

const fixLines = ({ outcome, lines }: FixOutcome): string[] =>
  lines.map((line) => `${WORDS[outcome]} ${oneLine(line)}`)
