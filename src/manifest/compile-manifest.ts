import type {
  CompiledManifest,
  LaneConfig,
  ServiceConfig,
  SupervisionConfig,
} from '../contracts/compiled-manifest.ts'
import { LANES, type LaneName } from '../contracts/lane-name.ts'
import { checkAgentTypes } from './check-agent-types.ts'
import { checkSandbox } from './check-sandbox.ts'
import { compileAgent } from './compile/compile-agent.ts'
import {
  compileBreaker,
  compileBudget,
  compileMaintenanceWindows,
  NO_BUDGET,
} from './compile/compile-budget.ts'
import { compileOperators } from './compile/compile-operators.ts'
import { compileRepo } from './compile/compile-repo.ts'
import { compileStateDir } from './compile/compile-state-dir.ts'
import { durationMs, sizeBytes } from './compile/duration-ms.ts'
import { resolvePath, resolveProgram } from './compile/resolve-path.ts'
import type { CompileContext } from './compile-context.ts'
import { crossCheck } from './cross-checks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { hashManifest } from './hash-manifest.ts'
import { MAX_PROBLEMS, type ManifestProblem } from './manifest-problem.ts'
import { inFileOrder, type ParsedManifest } from './parse-manifest.ts'
import type { Manifest } from './schema/manifest.ts'

export type CompileResult =
  | { readonly ok: true; readonly manifest: CompiledManifest }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] }

/**
 * Makes of a parsed manifest what everybody else reads: camelCase, milliseconds and bytes, absolute paths, frozen,
 * with its hash. Then asks the questions that concern several keys; all problems come at once, at their places.
 */
export const compileManifest = ({ data, source }: ParsedManifest, context: CompileContext): CompileResult => {
  const stateDir = compileStateDir(context, data)
  const { operators, findings: keyFindings } = compileOperators(context, data.gates.operators)
  const sections: Omit<CompiledManifest, 'hash'> = {
    name: data.name,
    path: context.path,
    stateDir: stateDir.ok ? stateDir.stateDir : '',
    repos: mapEntries(data.repos, (key, repo) => compileRepo(context, key, repo)),
    board: {
      type: data.board.type,
      importFile: data.board.import === null ? null : resolvePath(context, data.board.import),
    },
    agents: mapEntries(data.agents, (key, agent) => compileAgent(context, key, agent, data.sandbox)),
    lanes: compileLanes(data.lanes),
    services: mapEntries(data.services, (name, service) => compileService(context, name, service)),
    policy: {
      requireApproval: {
        risk: data.policy.require_approval.risk,
        taskTypes: data.policy.require_approval.task_types,
      },
      maxChangedFiles: data.policy.max_changed_files,
      maxChangedLines: data.policy.max_changed_lines,
      tampering: data.policy.tampering,
      restoreTests: data.policy.restore_tests,
    },
    limits: {
      concurrency: data.limits.concurrency,
      minFreeMemoryBytes: sizeBytes(data.limits.min_free_memory),
      minFreeDiskBytes: sizeBytes(data.limits.min_free_disk),
      maxMemoryBytes: data.limits.max_memory === null ? null : sizeBytes(data.limits.max_memory),
      maxProcesses: data.limits.max_processes,
      maxDiskBytes: data.limits.max_disk === null ? null : sizeBytes(data.limits.max_disk),
    },
    budget: compileBudget(data.budget),
    breaker: compileBreaker(data.breaker),
    timezone: data.timezone,
    maintenanceWindows: compileMaintenanceWindows(data.maintenance_windows),
    gates: {
      signing: data.gates.signing,
      operators,
      expiresAfterMs: durationMs(data.gates.expires_after),
    },
    sandbox: data.sandbox === 'off' ? 'off' : 'on',
    sandboxRead:
      typeof data.sandbox === 'string' ? [] : data.sandbox.read.map((path) => resolvePath(context, path)),
    supervision: compileSupervision(data.supervision),
    retention: {
      runsMs: durationMs(data.retention.runs),
      journalMs: durationMs(data.retention.journal),
      savedMs: durationMs(data.retention.saved),
      logsMs: durationMs(data.retention.logs),
    },
    untilIdle: { waitForPeopleMs: durationMs(data.until_idle.wait_for_people) },
  }
  const manifest: CompiledManifest = { ...sections, hash: hashManifest(sections) }
  const findings = [
    ...(stateDir.ok ? [] : [stateDir.finding]),
    ...keyFindings,
    ...checkAgentTypes(context, data.agents),
    // A key that cannot be read has been named; that nobody is left to decide would only repeat it.
    ...crossCheck(manifest, context.realPath).filter(
      ({ at }) => !(keyFindings.length > 0 && at[0] === 'gates'),
    ),
    ...checkSandbox(context, manifest),
    ...context.contradictions(manifest),
  ]
  if (findings.length === 0) return { ok: true, manifest: deepFreeze(manifest) }
  const problems = inFileOrder(findings.map((finding) => source.place(finding)))
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
}

const mapEntries = <In, Out>(map: Readonly<Record<string, In>>, compile: (key: string, value: In) => Out) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, compile(key, value)]))

/** What a lane without tasks of its own has where others have settings. */
const NO_TASKS = { agent: null, fallback: [], concurrency: 1, max_attempts: 1, retry_delay: '0s' } as const

const compileLanes = (lanes: Manifest['lanes']): Partial<Record<LaneName, LaneConfig>> => {
  const compiled: Partial<Record<LaneName, LaneConfig>> = {}
  for (const lane of LANES) {
    const config = lanes[lane]
    if (config === undefined) continue
    const tasks = 'agent' in config ? config : NO_TASKS
    compiled[lane] = {
      lane,
      agent: tasks.agent,
      fallbacks: tasks.fallback,
      concurrency: tasks.concurrency,
      pollIntervalMs: durationMs(config.poll_interval),
      maxAttempts: tasks.max_attempts,
      retryDelayMs: durationMs(tasks.retry_delay),
      budget: 'budget' in config ? compileBudget(config.budget) : NO_BUDGET,
    }
  }
  return compiled
}

const compileService = (
  context: CompileContext,
  name: string,
  service: Manifest['services'][string],
): ServiceConfig => ({
  name,
  command: resolveProgram(context, service.command),
  restart: service.restart,
  start: service.start,
  ready: compileReady(context, service.ready),
  liveness: compileLiveness(context, service.liveness),
  stopTimeoutMs: durationMs(service.stop_timeout),
  env: service.env,
})

const compileReady = (
  context: CompileContext,
  ready: Manifest['services'][string]['ready'],
): ServiceConfig['ready'] => {
  if (typeof ready === 'string') return { by: ready }
  const withinMs = durationMs(ready.within)
  return ready.type === 'file'
    ? { by: 'file', path: resolvePath(context, ready.path), withinMs }
    : { by: 'http', url: ready.url, withinMs }
}

const compileLiveness = (
  context: CompileContext,
  liveness: Manifest['services'][string]['liveness'],
): ServiceConfig['liveness'] => {
  if (typeof liveness === 'string') return { by: liveness }
  return liveness.type === 'http'
    ? { by: 'http', url: liveness.url }
    : { by: 'exec', command: resolveProgram(context, liveness.command) }
}

const compileSupervision = (supervision: Manifest['supervision']): SupervisionConfig => ({
  heartbeatEveryMs: durationMs(supervision.heartbeat.every),
  heartbeatStaleAfterMs: durationMs(supervision.heartbeat.stale_after),
  probeEveryMs: durationMs(supervision.probe.every),
  probeAnswerWithinMs: durationMs(supervision.probe.answer_within),
  restartMax: supervision.restart.max,
  restartWithinMs: durationMs(supervision.restart.within),
  backoffMinMs: durationMs(supervision.restart.backoff_min),
  backoffMaxMs: durationMs(supervision.restart.backoff_max),
  recoveryMax: supervision.recovery.max,
  recoveryWithinMs: durationMs(supervision.recovery.within),
  orphanTimeoutMs: durationMs(supervision.orphan_timeout),
})
