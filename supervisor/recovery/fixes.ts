import { existsSync, rmSync } from 'node:fs'
import { ProbeAnswer, ProbeChallenge } from '../../src/contracts/liveness.ts'
import type { ProcessRegistration } from '../../src/contracts/registration.ts'
import { readJsonFile, writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import { endProcess, findMarked } from '../../src/platform/end-process.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { forgetRegistration, readRegistrations } from '../../src/platform/registrations.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { readLockOwner } from '../supervisor-lock.ts'
import type { FixId } from './doctor-table.ts'

/** What fixes may look at and change. */
export interface FixScope {
  readonly layout: StateLayout
  /** The child at fault; null for all of them (`doctor --fix-safe`). */
  readonly child: string | null
  /** Its living incarnation, which fixes leave alone: replacing it is resume's part. */
  readonly liveIncarnation: string | null
}

/** Takes a fix back. */
export type Undo = () => void

export interface Fix {
  /** What it would change now, one line each; empty when there is nothing to do. Looks only. */
  preview(scope: FixScope): string[]
  /** Does it. Idempotent: a second time finds nothing to do. The answer undoes it; null for a fix that cannot be undone. */
  apply(scope: FixScope): Promise<Undo | null>
  /** `once_only`: what it removes cannot come back, and must not. */
  readonly kind: 'reversible' | 'once_only'
}

/** Questions and answers of lives that are over: harmless to lose, confusing to keep. */
const clearStaleProbeFiles: Fix = {
  kind: 'reversible',
  preview: (scope) => staleProbeFiles(scope).map((file) => `remove ${file.path} (of ${file.incarnation})`),
  apply: async (scope) => {
    const files = staleProbeFiles(scope)
    for (const file of files) rmSync(file.path, { force: true })
    return () => {
      for (const file of files) if (!existsSync(file.path)) writeJsonAtomic(file.path, file.value)
    }
  },
}

/** Processes that carry the mark of an incarnation whose own process is gone. */
const sweepLeftovers: Fix = {
  kind: 'once_only',
  preview: (scope) =>
    deadRegistrations(scope).map(
      ({ intent }) =>
        `end what is left of ${intent.subject} ${intent.incarnation}: ${findMarked(intent.mark).join(' ') || 'nothing'}`,
    ),
  apply: async (scope) => {
    for (const registration of deadRegistrations(scope)) {
      const left = await endProcess({ identity: null, mark: registration.intent.mark }, { graceMs: 0 })
      if (left === 'gone') forgetRegistration(registration)
    }
    return null
  },
}

/** The name beside the lock, left by a supervisor that was killed. The lock itself is free by then. */
const removeStaleOwnerFile: Fix = {
  kind: 'reversible',
  preview: ({ layout }) => {
    const owner = readLockOwner(layout)
    if (owner === null || proveIdentity(owner.identity).proof !== 'gone') return []
    return [`remove ${layout.lockOwner} (pid ${owner.identity.pid} is gone)`]
  },
  apply: async (scope) => {
    const owner = readLockOwner(scope.layout)
    if (owner === null || proveIdentity(owner.identity).proof !== 'gone') return () => {}
    rmSync(scope.layout.lockOwner, { force: true })
    return () => writeJsonAtomic(scope.layout.lockOwner, owner)
  },
}

/** Every fix by its id. */
export const FIXES: Readonly<Record<FixId, Fix>> = {
  clear_stale_probe_files: clearStaleProbeFiles,
  sweep_leftovers: sweepLeftovers,
  remove_stale_owner_file: removeStaleOwnerFile,
}

interface StaleFile {
  readonly path: string
  readonly incarnation: string
  readonly value: ProbeChallenge | ProbeAnswer
}

const staleProbeFiles = (scope: FixScope): StaleFile[] =>
  childrenOf(scope).flatMap((child) =>
    [
      { path: scope.layout.challenge(child), schema: ProbeChallenge },
      { path: scope.layout.answer(child), schema: ProbeAnswer },
    ].flatMap(({ path, schema }): StaleFile[] => {
      const read = readJsonFile<ProbeChallenge | ProbeAnswer>(path, schema)
      if (!read.ok || isLive(scope, read.value.incarnation)) return []
      return [{ path, incarnation: read.value.incarnation, value: read.value }]
    }),
  )

const deadRegistrations = (scope: FixScope): ProcessRegistration[] =>
  childRegistrations(scope).filter(
    ({ intent, identity }) =>
      intent.incarnation !== scope.liveIncarnation &&
      identity !== null &&
      proveIdentity(identity).proof === 'gone',
  )

const isLive = (scope: FixScope, incarnation: string): boolean =>
  incarnation === scope.liveIncarnation ||
  childRegistrations(scope).some(
    ({ intent, identity }) =>
      intent.incarnation === incarnation && (identity === null || proveIdentity(identity).proof !== 'gone'),
  )

/** Lanes and services only: keepers and effects are answered for by others. */
const childRegistrations = (scope: FixScope): ProcessRegistration[] =>
  readRegistrations(scope.layout.registrations).filter(
    ({ intent }) =>
      (intent.role === 'lane' || intent.role === 'service') &&
      (scope.child === null || intent.subject === scope.child),
  )

const childrenOf = (scope: FixScope): string[] =>
  scope.child === null
    ? [...new Set(childRegistrations(scope).map(({ intent }) => intent.subject))]
    : [scope.child]
