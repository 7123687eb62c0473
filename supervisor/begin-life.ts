import type { ExitStatus } from '../src/platform/spawn-registered.ts'
import { tryWrite } from '../src/platform/try-write.ts'
import { createChildLife, type LivingProcess } from './child-life.ts'
import { type ChildMemory, writeChildMemory } from './child-memory.ts'
import { finishLife, onExit } from './finish-life.ts'
import type { LiveChild } from './live-child.ts'
import { probesOf, readSecret } from './probe-of.ts'
import { spawnChild } from './spawn-child.ts'
import { specHash } from './spec-hash.ts'

/** Carries out SPAWN: a new process by the newest spec. A start that fails is an exit like any other. */
export const startLife = async (child: LiveChild): Promise<void> => {
  const { tree } = child
  child.spec = child.nextSpec
  child.gaveUp = null
  child.wasForced = false
  child.lastExit = null
  const { spec } = child
  try {
    const { process, secret } = await spawnChild({
      spec,
      role: tree.roleOf(spec),
      owner: tree.incarnation,
      layout: tree.layout,
    })
    const life = begin(child, process, secret, process.exited)
    const ready = spec.ready.by === 'spawn'
    if (ready) noteReady(child)
    child.actor.send({ type: 'SPAWNED', incarnation: process.intent.incarnation, ready })
    void process.exited.then((status) => onExit(child, life, { ...status, startFailed: false }))
  } catch (error) {
    const reason = (error as Error).message
    tree.report({ context: 'start_error', child: spec.id, reason, decision: 'restart within its limit' })
    finishLife(child, { exitCode: null, signal: null, startFailed: true })
  }
  tree.wake()
}

/** Takes over a survivor of an earlier supervisor. One that was ready stays so; its witnesses are asked anew. */
export const adoptLife = (child: LiveChild, process: LivingProcess, memory: ChildMemory): void => {
  const { incarnation } = process.intent
  begin(child, process, readSecret(child.tree, incarnation), null)
  const ready = memory.readyAt !== null || child.spec.ready.by === 'spawn'
  if (ready) noteReady(child)
  child.actor.send({ type: 'ADOPTED', incarnation, ready })
}

/** Notes that a child is ready, for the back-off and for an adopter. */
export const noteReady = (child: LiveChild): void => {
  const { life, spec, tree } = child
  child.wasUp = true
  if (life === null || life.readyMs !== null) return
  life.readyMs = tree.clock.monoMs()
  if (spec.ready.by === 'spawn') return
  // Where the disk does not take it, an adopter waits for it to be ready once more.
  tryWrite(() => writeChildMemory(life.process.dir, { specHash: specHash(spec), readyAt: tree.clock.now() }))
}

const begin = (
  child: LiveChild,
  process: LivingProcess,
  secret: string | null,
  exited: Promise<ExitStatus> | null,
) => {
  const { tree, spec } = child
  const probes = probesOf(tree, spec, process.intent.incarnation, secret)
  const life = createChildLife({ spec, process, exited, layout: tree.layout, clock: tree.clock, ...probes })
  child.life = life
  return life
}
