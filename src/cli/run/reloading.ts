import type { Supervisor } from '../../../supervisor/supervisor-api.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { Attention } from '../../contracts/status.ts'
import type { Owner } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import { redactJson } from '../../evidence/redact-json.ts'
import type { ManifestChange } from '../../manifest/diff-manifests.ts'
import { formatProblem } from '../../manifest/manifest-problem.ts'
import { type ManifestEvent, watchManifest } from '../../manifest/watch-manifest.ts'
import type { Clock } from '../../platform/clock.ts'
import { redactShapes } from '../../platform/secrets/redact-shapes.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { loadPorts } from '../compose/load-ports.ts'
import { setCurrentManifest, storeManifest } from '../compose/stored-manifest.ts'
import { childSpecs, GROUPS, type LanePins, pinLanes } from './child-specs.ts'
import type { RunReporter } from './run-reporter.ts'
import { unlessBlocked } from './unless-blocked.ts'

/** Applies edits of the manifest while the tree runs: only the children whose part changed are restarted. */
export const createReloading = (ports: {
  readonly manifest: CompiledManifest
  readonly pins: LanePins
  readonly supervisor: Supervisor
  readonly layout: StateLayout
  readonly clock: Clock
  readonly reporter: RunReporter
  /** What `attention` answers has changed. */
  readonly changed: () => void
  readonly store: Pick<Store, 'appendLaneEvent'>
  readonly owner: Owner
}) => {
  const { supervisor, layout, reporter, store, owner } = ports
  let pins = ports.pins
  let waiting: readonly string[] = []
  let refused: readonly string[] = []

  /** One event a reload, with what was and what is; it may be late, but it must not hold the reload up. */
  const journal = (applied: readonly ManifestChange[], held: readonly ManifestChange[]): void =>
    void unlessBlocked(() =>
      store.appendLaneEvent('supervisor', owner.incarnation, 'reload', {
        applied: applied.map(shown),
        waiting: held.map(shown),
        refused: [...refused],
      }),
    )

  const apply = (event: ManifestEvent): void => {
    if (event.type === 'refused') {
      refused = event.problems.map(formatProblem)
      journal([], [])
      ports.changed()
      reporter.note(`manifest not applied, the last good one stays in force: ${refused[0]}`)
      return
    }
    const { manifest, diff } = event
    const content = storeManifest(layout, manifest)
    pins = pinLanes(manifest, content, pins)
    setCurrentManifest(layout, content)
    const changed = supervisor.reload(childSpecs(manifest, pins), GROUPS)
    refused = []
    waiting = diff.forbidden.map(({ key }) => key)
    journal(diff.reloadable, diff.forbidden)
    ports.changed()
    const touched = Object.entries(changed).flatMap(([how, ids]) => ids.map((id: string) => `${id} ${how}`))
    reporter.note(`manifest applied: ${touched.join(', ') || 'no child is affected'}`)
    if (waiting.length > 0) reporter.note(`waits for a restart: ${waiting.join(', ')}`)
  }

  const watch = watchManifest(ports.manifest, {
    ports: loadPorts(process.env),
    clock: ports.clock,
    onEvent: apply,
  })
  return {
    current: () => watch.current(),
    close: () => watch.close(),
    attention: (): Attention[] => [
      ...waiting.map(
        (key): Attention => ({
          kind: 'reload_refused',
          subject: key,
          reason: 'this key is never reloaded',
          action: `oc-supervise stop --state-dir ${layout.root}, then run again to apply it`,
        }),
      ),
      ...refused.slice(0, 1).map(
        (reason): Attention => ({
          kind: 'reload_refused',
          subject: 'manifest',
          reason,
          action: 'mend the manifest; the last good one stays in force',
        }),
      ),
    ],
  }
}

/** A manifest holds no secrets; what has the shape of one all the same is not copied into the journal. */
const shown = ({ key, before, after }: ManifestChange): JsonValue =>
  redactJson({ key, before: before as JsonValue, after: after as JsonValue }, { text: redactShapes }).value
