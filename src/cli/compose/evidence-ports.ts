import { GateContext } from '../../../machines/durable/gate-context.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Store } from '../../durable/store.ts'
import type { RecordAttemptPorts } from '../../effects/record-attempt.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { contextOf } from '../run/actor-standing.ts'
import { VERSION } from '../version.ts'
import { mustBeKnown, type SecretsRead } from './known-secrets.ts'
import { isIsolated } from './sandbox-standing.ts'

type EvidencePorts = Pick<
  RecordAttemptPorts,
  'gateTrust' | 'versions' | 'journalPosition' | 'startDecision' | 'keeperFiles' | 'secretsOf'
>

/** What evidence tells beside the attempt itself: versions, trust, and where the journal stood. */
export const evidencePorts = (parts: {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly store: Store
  readonly secrets: () => Promise<SecretsRead>
}): EvidencePorts => ({
  // Outside a sandbox an agent runs as whoever holds the operators' keys; so does a check, which runs what it wrote.
  gateTrust: isIsolated(parts.manifest) ? 'isolated' : 'same-user',
  versions: { 'oc-supervise': VERSION, node: process.versions.node },
  journalPosition: async (task) => {
    const head = await parts.store.head(task)
    const anchor = await parts.store.latestAnchor()
    return {
      head: head.version === 0 ? null : { stream: head.stream, seq: head.version, hash: head.hash },
      anchorHash: anchor?.hash ?? null,
    }
  },
  startDecision: async (gate) => {
    const row = await parts.store.loadActor(gate)
    const context = row === null ? null : GateContext.parse(contextOf(row))
    if (context === null || context.decided === null)
      throw new Error(`the journal has no decision of ${gate}`)
    const { decision, signed, atMs } = context.decided
    return { opening: context.opening, decision, signed, decidedAtMs: atMs }
  },
  keeperFiles: (attempt) => {
    const files = keeperFiles(parts.layout.keeperDir(attempt))
    return { specFile: files.spec, stdoutFile: files.stdout, stderrFile: files.stderr }
  },
  secretsOf: async (key, hasRun) => {
    const { known, unread } = await parts.secrets()
    if (hasRun) mustBeKnown(unread.filter(({ agent }) => agent === key))
    return known.filter(({ agent }) => agent === key).map(({ value }) => value)
  },
})
