import { noteReady } from './begin-life.ts'
import type { ChildLife } from './child-life.ts'
import type { LivenessVerdict } from './decide/decide-liveness.ts'
import { endChild } from './end-child.ts'
import { onExit } from './finish-life.ts'
import type { LiveChild } from './live-child.ts'

/** One look at a living child: asks what is due, and turns what its witnesses say into events of its machine. */
export const watchLife = (child: LiveChild, life: ChildLife): void => {
  const { tree, state } = child
  if (state === 'starting' || state === 'stopping') return
  life.step(state !== 'ready' || isUnheard(life))
  const graceLeftMs = tree.graceLeftMs(child.spec)
  const verdict = life.liveness({ graceLeftMs, overloaded: tree.load().overloaded })
  if (verdict.claim === 'dead') {
    // The exit of a process of ours comes with its code from the system; an adopted one just goes.
    if (life.exited === null) onExit(child, life)
  } else if (state === 'running') {
    watchStart(child, life)
  } else {
    watchHealth(child, life)
    tellVerdict(child, life, verdict)
  }
}

/** It was ready before we came, and has not answered us yet: whoever asks for the status waits for that. */
const isUnheard = ({ probe }: ChildLife): boolean =>
  probe !== null && probe.provedAt === null && probe.unanswered === 0

/** A child that is not ready is judged by its deadline alone, as startup probes suspend liveness elsewhere. */
const watchStart = (child: LiveChild, life: ChildLife): void => {
  const { tree, spec } = child
  if (life.isReady()) {
    noteReady(child)
    child.actor.send({ type: 'READY', reason: `ready by ${spec.ready.by}` })
    return
  }
  if (spec.ready.by === 'spawn' || tree.graceLeftMs(spec) > 0) return
  if (tree.clock.monoMs() - life.startedMs < spec.ready.withinMs) return
  const reason = `not ready within ${spec.ready.withinMs} ms`
  endChild(child, 'not_ready', { force: false, reason })
}

const tellVerdict = (child: LiveChild, life: ChildLife, verdict: LivenessVerdict): void => {
  const { claim, reason } = verdict
  const isSuspect = child.state === 'suspect'
  if (claim === 'waiting') return
  if (claim === 'fresh') {
    if (!isSuspect) return
    child.ladder?.send({ type: 'FAULT_GONE' })
    child.actor.send({ type: 'PROVED_ALIVE' })
    return
  }
  if (verdict.suppressed && !life.wasSuppressed) {
    life.wasSuppressed = true
    child.tree.report({ context: 'suppressed', child: child.id, reason, decision: 'do not end it' })
  }
  if (!isSuspect) child.actor.send({ type: 'SUSPECTED', reason })
  if (claim === 'hung') child.actor.send({ type: 'PROVED_HUNG', reason })
}

/** Ready for so long that its past no longer counts. */
const watchHealth = (child: LiveChild, life: ChildLife): void => {
  if (life.healthy || life.readyMs === null) return
  if (child.tree.clock.monoMs() - life.readyMs < child.spec.backoff.resetAfterMs) return
  life.healthy = true
  child.ladder?.send({ type: 'PROVED_HEALTHY' })
  child.actor.send({ type: 'PROVED_HEALTHY' })
}
