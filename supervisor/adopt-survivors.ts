import type { ProcessRegistration } from '../src/contracts/registration.ts'
import { proveIdentity } from '../src/platform/process-identity.ts'
import { readRegistrations } from '../src/platform/registrations.ts'
import type { LivingProcess } from './child-life.ts'
import { readChildMemory } from './child-memory.ts'
import type { ChildShell } from './child-shell.ts'
import { endAndForget } from './end-leftovers.ts'
import { specHash } from './spec-hash.ts'
import type { Tree } from './tree.ts'

/** Leftovers whose child is no longer wanted get this long to end by themselves, in ms. */
const STRANGER_GRACE_MS = 5_000

/**
 * Takes stock of what an earlier supervisor left: a survivor with a proved identity and the wanted spec is adopted and
 * goes on undisturbed; everything else is ended with all it started, and its child is held back until that is proved. So
 * there is never a second one. Resolves once every leftover is ended; adoption itself is done when this returns.
 */
export const adoptSurvivors = (tree: Tree, shells: ReadonlyMap<string, ChildShell>): Promise<void> => {
  const endings: Promise<void>[] = []
  for (const registration of survivorsNewestFirst(tree)) {
    const shell = shells.get(registration.intent.subject)
    if (shell !== undefined && adoptIfWanted(shell, registration)) continue
    const ending = endLeftover(tree, registration, shell)
    shell?.holdFor(ending)
    endings.push(ending)
  }
  return Promise.all(endings).then(() => {})
}

const survivorsNewestFirst = (tree: Tree): ProcessRegistration[] =>
  readRegistrations(tree.layout.registrations)
    .filter(
      ({ intent }) =>
        (intent.role === 'lane' || intent.role === 'service') && intent.owner !== tree.incarnation,
    )
    .sort((a, b) => b.intent.at.wallMs - a.intent.at.wallMs)

const adoptIfWanted = (shell: ChildShell, registration: ProcessRegistration): boolean => {
  const memory = readChildMemory(registration.dir)
  if (shell.life !== null || memory === null || memory.specHash !== specHash(shell.spec)) return false
  if (!isThere(registration)) return false
  shell.adopt(registration, memory)
  return true
}

/** Alive, or halted: then it is adopted all the same, and its liveness is judged like any other's. */
const isThere = (registration: ProcessRegistration): registration is ProcessRegistration & LivingProcess => {
  if (registration.identity === null) return false
  const proved = proveIdentity(registration.identity)
  if (proved.proof === 'halted') return proved.state === 'T' || proved.state === 't'
  return proved.proof === 'alive'
}

const endLeftover = async (
  tree: Tree,
  registration: ProcessRegistration,
  shell: ChildShell | undefined,
): Promise<void> => {
  const { intent, identity } = registration
  const lives = identity !== null && proveIdentity(identity).proof !== 'gone'
  if (lives)
    tree.report({
      context: 'child_stopping',
      child: intent.subject,
      incarnation: intent.incarnation,
      reason: 'left by an earlier supervisor, and not what is wanted now',
      decision: 'end it before anything else of this child starts',
    })
  const graceMs = lives ? (shell?.spec.stop.graceMs ?? STRANGER_GRACE_MS) : 0
  await endAndForget(tree, registration, {
    graceMs,
    ...(shell === undefined ? {} : { signal: shell.spec.stop.signal }),
  })
}
