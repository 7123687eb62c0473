import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessRegistration } from '../src/contracts/registration.ts'
import { endProcess } from '../src/platform/end-process.ts'
import { forgetNameless, forgetRegistration, readRegistrations } from '../src/platform/registrations.ts'
import { endLostAgent } from './keeper/end-lost-agent.ts'
import { inspectKeeper } from './keeper/inspect-keeper.ts'
import { stopKeeper } from './keeper/stop-keeper.ts'
import type { Tree } from './tree.ts'

/** How often we try to end what survives SIGKILL. */
const TRIES = 3

/** Ends a registered process with all it started, and forgets it once that is proved. */
export const endAndForget = async (
  tree: Tree,
  registration: ProcessRegistration,
  options: { readonly graceMs: number; readonly signal?: string },
): Promise<void> => {
  const { identity, intent } = registration
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((await endProcess({ identity, mark: intent.mark }, options)) === 'gone') {
      forgetRegistration(registration)
      rmSync(tree.layout.probeSecret(intent.incarnation), { force: true })
      return
    }
  }
  tree.report({
    context: 'shutdown_error',
    child: intent.subject,
    incarnation: intent.incarnation,
    reason: 'it survived SIGKILL',
    decision: 'keep its registration; a person must look at it',
  })
}

/** Ends what dead children left: their effects, and their keepers with the agents unless those are to be kept. */
export const endLeftovers = async (
  tree: Tree,
  { force, keepAgents }: { readonly force: boolean; readonly keepAgents: boolean },
): Promise<void> => {
  const { registrations, keepers } = tree.layout
  const effects = readRegistrations(registrations).filter(({ intent }) => intent.role === 'effect')
  const graceMs = force ? 0 : EFFECT_GRACE_MS
  await Promise.all([
    ...effects.map((registration) => endAndForget(tree, registration, { graceMs })),
    ...(keepAgents ? [] : foldersIn(keepers)).map((dir) => endKeeper(tree, dir, force)),
  ])
  forgetNameless(registrations)
}

const EFFECT_GRACE_MS = 1_000

/** A lane stops its own keepers; these are of lanes that were killed. By force means: without their agents' grace. */
const endKeeper = async (tree: Tree, dir: string, force: boolean): Promise<void> => {
  const facts = inspectKeeper(dir)
  if (facts.state === 'running' && !force) await stopKeeper(dir, { clock: tree.clock, reason: 'shutdown' })
  if (facts.state === 'running' && force) await endProcess(facts.self, { signal: 'SIGKILL', graceMs: 0 })
  const lost = inspectKeeper(dir)
  if (lost.state !== 'lost' || lost.self === null) return
  await endLostAgent(dir, force ? { ...lost.self, stopGraceMs: 0 } : lost.self)
}

const foldersIn = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name))
  } catch {
    return []
  }
}
