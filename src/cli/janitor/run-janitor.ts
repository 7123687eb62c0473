import { join } from 'node:path'
import { loadProver } from '../../../supervisor/status/prove-identity.ts'
import { readStrays } from '../../../supervisor/status/read-strays.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { loadOrCreateKeys } from '../../durable/keys.ts'
import { systemClock } from '../../platform/clock.ts'
import { acquireLock } from '../../platform/exclusive-lock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { manifestPath, readManifest } from '../compose/read-manifest.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { currentManifest } from '../compose/stored-manifest.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import { type System, withSystem } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { RefusedError } from '../report-error.ts'
import { type Chore, type Kept, NOTHING_KEPT, type Plan, type Removed } from './chore.ts'
import { readStanding } from './ended-tasks.ts'
import { planEvidence } from './evidence.ts'
import { formatReport } from './format-report.ts'
import { planHistory } from './history.ts'
import { planLogs } from './logs.ts'
import type { Look } from './look.ts'
import { planMirrors } from './mirrors.ts'
import { planSaved } from './saved.ts'
import { planWorkspaces } from './workspaces.ts'

export interface JanitorOptions extends StateOptions {
  readonly dryRun?: boolean
}

/** `janitor`: removes what `retention` no longer keeps, of tasks that are over. Nothing that is not proved saved goes. */
export const runJanitor = (options: JanitorOptions): Promise<Answer> =>
  withSystem(options, async (system) => {
    const lock = acquireLock(join(system.layout.root, 'janitor.lock'))
    if (lock === null)
      throw new RefusedError('janitor_already_running', `another janitor is at work in ${system.layout.root}`)
    try {
      const { chores, kept } = await planAll(await lookAt(system, options))
      const isDry = options.dryRun === true
      const { removed, stayed } = isDry ? { removed: itemsOf(chores), stayed: [] } : await carryOut(chores)
      return formatReport({ isDry, removed, kept: [...kept, ...stayed] })
    } finally {
      lock.release()
    }
  })

const planAll = async (look: Look): Promise<Plan> => {
  const evidence = planEvidence(look)
  const plans = [
    planWorkspaces(look),
    evidence,
    await planHistory(look, evidence),
    await planSaved(look),
    planLogs(look),
    await planMirrors(look),
  ]
  return { chores: plans.flatMap(({ chores }) => chores), kept: plans.flatMap(({ kept }) => kept) }
}

const carryOut = async (
  chores: readonly Chore[],
): Promise<{ removed: readonly Removed[]; stayed: readonly Kept[] }> => {
  const removed: Removed[] = []
  const stayed: Kept[] = []
  for (const chore of chores) {
    const { reasons, failed } = await tryChore(chore)
    for (const item of itemsOf([chore])) {
      const why = reasons.get(item.subject) ?? failed
      if (why === null) removed.push(item)
      else stayed.push({ kind: chore.kind, subject: item.subject, why })
    }
  }
  return { removed, stayed }
}

/** What fails is no reason to leave the rest undone. */
const tryChore = async (chore: Chore) => {
  try {
    return { reasons: await chore.act(), failed: null }
  } catch (error) {
    return {
      reasons: NOTHING_KEPT,
      failed: `it could not be removed as a whole: ${(error as Error).message}`,
    }
  }
}

const itemsOf = (chores: readonly Chore[]): Removed[] =>
  chores.flatMap(({ kind, items }) => items.map((item) => ({ kind, ...item })))

const lookAt = async ({ layout, store }: System, options: StateOptions): Promise<Look> => {
  const inForce = currentManifest(layout)
  const prover = await loadProver()
  const { strays, problems } = readStrays(layout.root, [], prover)
  return {
    ...(await readStanding(store)),
    layout,
    store,
    clock: systemClock,
    keys: loadOrCreateKeys(layout.keys),
    manifest: manifestOf(options, inForce, layout),
    reposInForce: new Set(Object.keys(inForce.repos)),
    alive: problems.length > 0 ? null : new Set(strays.map(({ subject }) => subject)),
    isAsleep: async () => {
      const now = readStrays(layout.root, [], prover)
      const isNobodyThere = now.strays.length === 0 && now.problems.length === 0
      return isNobodyThere && whoConsumes(layout, 'supervisor').consumer === 'next_run'
    },
    nowMs: systemClock.wallMs(),
  }
}

/** The file as it is now where one is named or found; else what is in force. */
const manifestOf = (
  { manifest, name, stateDir }: StateOptions,
  inForce: CompiledManifest,
  layout: StateLayout,
): CompiledManifest => {
  if (stateDir === undefined && name === undefined) return readManifest(manifestPath(manifest)).manifest
  if (inForce.retention !== undefined) return inForce
  throw new RefusedError(
    'no_retention',
    `the manifest in force in ${layout.root} is of an older version; name the file with --manifest, or start \`oc-supervise run\` once`,
  )
}
