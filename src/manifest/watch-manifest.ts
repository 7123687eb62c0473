import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { Clock } from '../platform/clock.ts'
import { watchPaths } from '../platform/watch.ts'
import { crossCheck } from './cross-checks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { diffManifests, type ManifestDiff, withoutForbidden } from './diff-manifests.ts'
import { hashManifest } from './hash-manifest.ts'
import { type LoadPorts, loadManifest, realPath } from './load-manifest.ts'
import type { ManifestProblem } from './manifest-problem.ts'

/** What a change of the file came to. */
export type ManifestEvent =
  /**
   * `manifest` is in force from now on; what `diff.forbidden` lists is not in it and waits for a restart. Nothing is
   * listed where the file again says what is in force, as after a mended mistake.
   */
  | { readonly type: 'changed'; readonly manifest: CompiledManifest; readonly diff: ManifestDiff }
  /** Nothing changed: the last good manifest stays in force. */
  | { readonly type: 'refused'; readonly problems: readonly ManifestProblem[] }

/** A watch on one manifest file. */
export interface ManifestWatch {
  readonly ready: Promise<void>
  /** The last good manifest. */
  current(): CompiledManifest
  /** Looks now, whether or not the file system told us; for a signal or a slow tick. */
  refresh(): void
  close(): Promise<void>
}

/** Editors write in several steps; we look when the file has been quiet for so long. */
const QUIET_MS = 100

/**
 * Watches the file `manifest` came from and tells of every edit that changes what it says; the same refusal is told
 * once. A watch may miss an edit: call `refresh` from time to time as well.
 */
export const watchManifest = (
  manifest: CompiledManifest,
  options: { ports: LoadPorts; clock: Clock; onEvent: (event: ManifestEvent) => void },
): ManifestWatch => {
  const { ports, clock, onEvent } = options
  let current = manifest
  /** What we last told of, so that an edit which says the same tells nothing. */
  let lastSeen = fingerprint(manifest)
  let cancelLook: (() => void) | null = null
  let closed = false

  const refresh = (): void => {
    if (closed) return
    const event = reload(current, ports)
    const seen = event.type === 'refused' ? JSON.stringify(event.problems) : event.seen
    if (seen === lastSeen) return
    lastSeen = seen
    if (event.type === 'read') current = event.manifest
    onEvent(event.type === 'read' ? { type: 'changed', manifest: event.manifest, diff: event.diff } : event)
  }

  const watch = watchPaths([manifest.path], () => {
    cancelLook?.()
    cancelLook = clock.after(QUIET_MS, refresh)
  })
  return {
    ready: watch.ready,
    current: () => current,
    refresh,
    close: async () => {
      closed = true
      cancelLook?.()
      await watch.close()
    },
  }
}

type Reload =
  | {
      readonly type: 'read'
      readonly manifest: CompiledManifest
      readonly diff: ManifestDiff
      readonly seen: string
    }
  | { readonly type: 'refused'; readonly problems: readonly ManifestProblem[] }

/** Loads the file and keeps what is never reloaded as it was; the mixture must pass the cross checks as well. */
const reload = (current: CompiledManifest, ports: LoadPorts): Reload => {
  const result = loadManifest(current.path, ports)
  if (!result.ok) return { type: 'refused', problems: result.problems }
  const { manifest: next, parsed } = result
  const diff = diffManifests(current, next)
  if (diff.forbidden.length === 0) return { type: 'read', manifest: next, diff, seen: fingerprint(next) }
  const kept = withoutForbidden(current, next)
  const mixed: CompiledManifest = deepFreeze({ ...kept, hash: hashManifest(kept) })
  const findings = [...crossCheck(mixed, realPath), ...ports.contradictions(mixed)]
  if (findings.length === 0) return { type: 'read', manifest: mixed, diff, seen: fingerprint(next) }
  const waiting = diff.forbidden.map(({ key }) => key).join(', ')
  const problems = findings.map(({ at, message, remedy }) =>
    parsed.source.place({
      at,
      message: `${message}, as long as ${waiting} waits for a restart`,
      remedy: `restart, or ${remedy}`,
    }),
  )
  return { type: 'refused', problems }
}

/** The hash leaves out where the state lies; a watch must notice that too. */
const fingerprint = (manifest: CompiledManifest): string => `${manifest.hash} ${manifest.stateDir}`
