import { readFileSync } from 'node:fs'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { IncarnationId } from '../src/contracts/ids.ts'
import { askExec, askHttp } from './ask-target.ts'
import { createNonceProbe } from './nonce-probe.ts'
import type { Probe } from './probe.ts'
import { asksNonce } from './spawn-child.ts'
import { createTargetProbe } from './target-probe.ts'
import type { Tree } from './tree.ts'

/** How a starting child is asked over HTTP whether it is ready, in ms. */
const READY_ASKING = { everyMs: 250, answerWithinMs: 2_000, misses: 1 }

/** The probes of one incarnation: for its liveness (or a first nonce), and for readiness over HTTP. */
export const probesOf = (
  tree: Tree,
  spec: ChildSpec,
  incarnation: IncarnationId,
  secret: string | null,
): { probe: Probe | null; readyProbe: Probe | null } => ({
  probe: livenessProbe(tree, spec, incarnation, secret),
  readyProbe:
    spec.ready.by === 'http'
      ? createTargetProbe(askHttp(spec.ready.url), READY_ASKING, tree.clock, tree.wake)
      : null,
})

/** The secret an earlier supervisor gave to a survivor; null if it is lost, and so is the way to prove anything. */
export const readSecret = (tree: Tree, incarnation: IncarnationId): string | null => {
  try {
    return readFileSync(tree.layout.probeSecret(incarnation), 'utf8')
  } catch {
    return null
  }
}

const livenessProbe = (
  tree: Tree,
  spec: ChildSpec,
  incarnation: IncarnationId,
  secret: string | null,
): Probe | null => {
  const { layout, clock } = tree
  if (asksNonce(spec)) {
    const { readHead } = tree
    return createNonceProbe({
      child: spec.id,
      incarnation,
      secret: secret ?? '',
      spec: spec.probe,
      layout,
      clock,
      readHead,
    })
  }
  const target = spec.livenessTarget
  if (spec.liveness === 'http' && typeof target === 'string')
    return createTargetProbe(askHttp(target), spec.probe, clock, tree.wake)
  if (spec.liveness === 'exec' && target !== null && typeof target !== 'string') {
    const ask = askExec({
      child: spec.id,
      argv: target,
      cwd: spec.start.cwd,
      env: spec.start.env,
      owner: tree.incarnation,
      layout,
    })
    return createTargetProbe(ask, spec.probe, clock, tree.wake)
  }
  return null
}
