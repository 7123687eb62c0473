import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import { ChildSpec, type GroupSpec } from '../../contracts/child-spec.ts'
import type { CompiledManifest, ServiceConfig } from '../../contracts/compiled-manifest.ts'
import type { JsonValue } from '../../contracts/json.ts'
import { agentsOfLane } from '../../contracts/lane-for.ts'
import { LANES, type LaneName } from '../../contracts/lane-name.ts'
import { sha256 } from '../../platform/sha256.ts'
import { launcherPath } from '../package-root.ts'
import { secretEnvironment } from './secret-environment.ts'

/** The program of a lane, beside us in the sources and in the built tree alike. */
const LANE_MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../lane/lane-main.ts' : '../lane/lane-main.js', import.meta.url),
)

/** Preparations first, then lanes, then what runs beside them; each group starts when the one before is ready. */
export const GROUPS: readonly GroupSpec[] = (['before-lanes', 'lanes', 'services'] as const).map(
  (id, order) => ({
    id,
    order,
    strategy: 'one_for_one',
    restartLimit: { max: 15, withinMs: 600_000 },
  }),
)

/** Which stored manifest each lane runs, with the hash of the part of it that concerns the lane. */
export type LanePins = Readonly<
  Partial<Record<LaneName, { readonly slice: string; readonly content: string }>>
>

/**
 * Pins every lane to a stored manifest. A lane whose part of the manifest did not change keeps its pin, so that a reload
 * restarts nobody else.
 */
export const pinLanes = (manifest: CompiledManifest, content: string, before: LanePins): LanePins =>
  Object.fromEntries(
    LANES.filter((lane) => manifest.lanes[lane] !== undefined).map((lane) => {
      const slice = sliceOf(manifest, lane)
      const kept = before[lane]
      return [lane, kept?.slice === slice ? kept : { slice, content }]
    }),
  )

/** The children of a manifest, as data for the supervisor. */
export const childSpecs = (manifest: CompiledManifest, pins: LanePins): ChildSpec[] => [
  ...LANES.flatMap((lane) => {
    const pin = pins[lane]
    return pin === undefined ? [] : [laneSpec(manifest, lane, pin.content)]
  }),
  ...Object.values(manifest.services).map((service, order) => serviceSpec(manifest, service, order)),
]

const laneSpec = (manifest: CompiledManifest, lane: LaneName, content: string): ChildSpec =>
  ChildSpec.parse({
    id: lane,
    group: 'lanes',
    start: {
      argv: [process.execPath, LANE_MAIN, lane, content],
      cwd: manifest.stateDir,
      env: secretEnvironment(manifest),
    },
    restart: 'always',
    ready: { by: 'nonce' },
    liveness: 'nonce',
    stop: { graceMs: LANE_STOP_GRACE_MS },
    ...supervisionOf(manifest),
  })

const serviceSpec = (manifest: CompiledManifest, service: ServiceConfig, order: number): ChildSpec =>
  ChildSpec.parse({
    id: service.name,
    group: service.start === 'before_lanes' ? 'before-lanes' : 'services',
    // Preparations build on each other, in the manifest's order. Services do not: in a row, each would wait for all
    // before it to start and for all behind it to stop, with the sum of their graces.
    order: service.start === 'before_lanes' ? order : 0,
    start: {
      argv: [...service.command],
      cwd: dirname(manifest.path),
      env: { OC_SUPERVISE_NODE: process.execPath, OC_SUPERVISE_BIN: launcherPath, ...service.env },
    },
    restart: service.restart,
    ready: service.ready,
    liveness: service.liveness.by,
    livenessTarget: targetOf(service.liveness),
    stop: { graceMs: service.stopTimeoutMs },
    ...supervisionOf(manifest),
  })

const targetOf = (liveness: ServiceConfig['liveness']): ChildSpec['livenessTarget'] => {
  if (liveness.by === 'identity') return null
  return liveness.by === 'http' ? liveness.url : [...liveness.command]
}

/** A lane ends its agents before itself: each may take its own grace. */
const LANE_STOP_GRACE_MS = 30_000

const supervisionOf = ({ supervision }: CompiledManifest) => ({
  heartbeat: { everyMs: supervision.heartbeatEveryMs, staleAfterMs: supervision.heartbeatStaleAfterMs },
  probe: { everyMs: supervision.probeEveryMs, answerWithinMs: supervision.probeAnswerWithinMs },
  restartLimit: { max: supervision.restartMax, withinMs: supervision.restartWithinMs },
  backoff: { minMs: supervision.backoffMinMs, maxMs: supervision.backoffMaxMs },
})

/** What of a manifest a lane's process depends on. Review and improve lanes work on every repository. */
const sliceOf = (manifest: CompiledManifest, lane: LaneName): string => {
  const config = manifest.lanes[lane]
  const { repos, limits, supervision, policy, gates, sandbox, agents } = manifest
  const { budget, breaker, timezone, maintenanceWindows } = manifest
  const own = agentsOfLane(manifest, lane).map((agent) => agents[agent] ?? null)
  return sha256(
    canonicalJson({
      config,
      agents: own,
      repos,
      limits,
      budget,
      breaker,
      timezone,
      maintenanceWindows,
      supervision,
      policy,
      gates,
      sandbox,
    } as unknown as JsonValue),
  )
}
