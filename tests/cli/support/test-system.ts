import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import { openJournal } from '../../../src/cli/compose/open-journal.ts'
import { stateOf } from '../../../src/cli/run/actor-standing.ts'
import { canonicalJson } from '../../../src/contracts/canonical-json.ts'
import {
  EFFECT_IO,
  type EffectInput,
  type EffectName,
  type EffectOutput,
} from '../../../src/contracts/effect-io.ts'
import type { JsonValue } from '../../../src/contracts/json.ts'
import type { ReviewTerms } from '../../../src/contracts/pull.ts'
import type { ActorRow, Owner } from '../../../src/contracts/store.ts'
import { writeAnchor } from '../../../src/durable/anchors.ts'
import { defineMachine } from '../../../src/durable/define-machine.ts'
import type { EffectDefinition } from '../../../src/durable/effect.ts'
import { createHost, type Host } from '../../../src/durable/host.ts'
import { type InstanceKeys, loadOrCreateKeys } from '../../../src/durable/keys.ts'
import { START_EVENT } from '../../../src/durable/start-event.ts'
import type { Store } from '../../../src/durable/store.ts'
import { evidenceSigner } from '../../../src/evidence/evidence-signer.ts'
import { writeEvidence } from '../../../src/evidence/write-evidence.ts'
import { verifyDecision } from '../../../src/gates/verify-decision.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { selfIdentity } from '../../../src/platform/process-identity.ts'
import { newId } from '../../../src/platform/random.ts'
import { sha256 } from '../../../src/platform/sha256.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import * as sample from '../../machines/durable/support/samples.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

/** What an effect of the test answers; throwing is its failure. */
export type Answers = {
  [N in EffectName]?: (input: EffectInput<N>) => EffectOutput<N> | Promise<EffectOutput<N>>
}

/** A commit that the agent of the test made. */
export interface Change {
  readonly baseSha: string
  readonly headSha: string
  readonly patchId: string
}

export interface TestSystem {
  readonly dir: string
  readonly layout: StateLayout
  readonly store: Store
  readonly keys: InstanceKeys
  /** Claims task-1 as the lane goal would. */
  claim(over?: Record<string, unknown>): Promise<void>
  /** Turns of all queues until an actor is in this state. */
  reach(actor: string, state: string): Promise<ActorRow>
  /** Turns of all queues until nothing is left to do. */
  settle(): Promise<void>
  anchor(): Promise<void>
  close(): Promise<void>
}

const FIXED: Change = { baseSha: sample.BASE, headSha: sample.HEAD, patchId: 'patch-of-b' }

/** A state folder with a real journal and real machines on real hosts; only the effects are the test's. */
export const testSystem = async (
  options: {
    answers?: Answers
    terms?: Partial<ReviewTerms>
    change?: Change
    dir?: string
    queues?: readonly string[]
  } = {},
): Promise<TestSystem> => {
  const dir = options.dir ?? join(makeTempDir('cli'), 'demo')
  const layout = stateLayout(dir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const keys = loadOrCreateKeys(layout.keys)
  const store = await openJournal(layout, systemClock)
  const answers = {
    ...defaults(layout, keys, options.terms ?? {}, options.change ?? FIXED),
    ...options.answers,
  }
  const effects = effectsOf(answers as Answers)
  const owner: Owner = {
    incarnation: newId('inc') as Owner['incarnation'],
    host: 'here',
    identity: selfIdentity(),
  }
  const queues = options.queues ?? ['goal', 'review', 'supervisor']
  const hosts = queues.map((queue) => hostOf(store, owner, queue, effects))
  const settle = async (): Promise<void> => {
    for (let worked = true; worked; ) {
      worked = false
      for (const host of hosts) worked = (await host.step()).worked || worked
      if (!worked) worked = hosts.some((host) => host.running().length > 0) && (await nap())
    }
  }
  return {
    dir,
    layout,
    store,
    keys,
    settle,
    claim: async (over = {}) => {
      const { nowMs: _, nonce: __, ...input } = sample.taskInput(over)
      await store.enqueue({
        id: `claim/${input.spec.id}`,
        actor: input.spec.id,
        queue: 'goal',
        event: { type: START_EVENT },
        start: { machine: 'task', input: input as unknown as JsonValue },
      })
    },
    reach: (actor, state) =>
      until(async () => {
        for (const host of hosts) await host.step()
        const row = await store.loadActor(actor)
        return row !== null && stateOf(row) === state ? row : null
      }),
    anchor: async () => void (await writeAnchor(store, keys.privateKey)),
    close: async () => {
      for (const host of hosts) await host.stop({ graceMs: 100 })
      await store.close()
    },
  }
}

const nap = async (): Promise<boolean> => {
  await systemClock.sleep(5)
  return true
}

const hostOf = (store: Store, owner: Owner, queue: string, effects: readonly EffectDefinition[]): Host =>
  createHost({
    store,
    owner,
    queue,
    machines: Object.values(DURABLE_MACHINES).map((row) => defineMachine(row)),
    effects,
    clock: systemClock,
    wake: () => {},
    onTurn: () => {},
    report: () => {},
    reap: async () => {},
  })

const effectsOf = (answers: Answers): EffectDefinition[] =>
  (Object.keys(EFFECT_IO) as EffectName[]).map((name) => ({
    name,
    ...EFFECT_IO[name],
    reconcile: async () => ({ happened: false }),
    perform: async (_context, input) => answers[name]?.(input as never),
  }))

/** Everything goes well: planned, worked on, checked, published, approved by the verdict. */
const defaults = (
  layout: StateLayout,
  keys: InstanceKeys,
  terms: Partial<ReviewTerms>,
  { baseSha, headSha, patchId }: Change,
): Required<Answers> => {
  const commit = { ...sample.commit(headSha), baseSha, patchId }
  const checks = sample.checks('passed', headSha)
  const pull = sample.pull('open', headSha)
  return {
    plan: ({ task, runId }) => {
      const planned = sample.planned({ terms: { merge: 'manual', ...terms } })
      const proposal = { ...planned.proposal, taskId: task.id, runId, title: task.title, goal: task.goal }
      return { ...planned, proposal, proposalHash: sha256(canonicalJson(proposal as unknown as JsonValue)) }
    },
    judgePlan: () => sample.policy('allow'),
    judgeWork: () => sample.policy('allow'),
    admitRun: () => ({ putOff: null }),
    prepareWorkspace: () => ({ ...sample.workspace, baseSha, startSha: baseSha }),
    runAgent: () => sample.ended('completed'),
    measureWork: () => ({ ...sample.measured(headSha), commit }),
    runChecks: () => checks,
    scanSecrets: () => ({ findings: [] }),
    publishBranch: ({ branch, sha }) => ({ branch, sha }),
    openPull: () => pull,
    readBack: ({ sha }) => ({ remoteSha: sha, baseSha }),
    recordAttempt: (input) =>
      writeEvidence(
        layout.runs,
        {
          input,
          startDecision: null,
          keeper: null,
          diffPatchFile: null,
          isCostKnown: true,
          journal: { head: null, anchorHash: null },
          gateTrust: 'same-user',
          versions: { 'oc-supervise': '0.1.0' },
          secrets: [],
        },
        evidenceSigner(keys),
      ),
    releaseWorkspace: () => ({ saved: [], removed: true }),
    stopAgent: () => ({ stopped: true }),
    judgePull: () => ({
      verdict: { decision: 'approve', headSha, baseSha, patchId, reasons: [] },
      facts: { pull, headSha, baseSha },
    }),
    checkMerge: () => ({ result: 'clean', report: { ...checks, purpose: 'merge_result' }, patchId }),
    mergePull: () => ({ outcome: 'merged', sha: sample.MERGE }),
    verifyDecision: ({ opening, decision, nowMs }) => verifyDecision(opening, decision, nowMs),
    moveTask: ({ to }) => ({ moved: true, state: to }),
    comment: () => ({ posted: true }),
    addTask: ({ spec }) => ({ taskId: spec.id, created: true }),
  }
}

/** Writes a file into the state folder, folders and all. */
export const put = (path: string, text: string): string => {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}
