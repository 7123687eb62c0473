import { rmSync } from 'node:fs'
import { endProcess } from '../src/platform/end-process.ts'
import { forgetRegistration } from '../src/platform/registrations.ts'
import type { ChildLife } from './child-life.ts'
import type { ExitSeen } from './decide/decide-exit.ts'
import { diagnoseChild } from './diagnose-child.ts'
import type { LiveChild } from './live-child.ts'
import { settleExit } from './settle-exit.ts'
import type { Tree } from './tree.ts'

/** How long we wait before we try again to end what survived SIGKILL, in ms. */
const SURVIVOR_RETRY_MS = 1_000
/** How long the system may take to tell us the exit code of a process that is gone, in ms. */
const EXIT_TOLD_WITHIN_MS = 1_000

const UNKNOWN_EXIT: ExitSeen = { exitCode: null, signal: null, startFailed: false }

/** The process of a life is gone, and nobody of ours has ended it: decides at once, sweeps what it left behind beside that. */
export const onExit = (child: LiveChild, ended: ChildLife, exit: ExitSeen = UNKNOWN_EXIT): void => {
  // Where we are ending it ourselves, `endLife` goes on once its whole family is gone.
  if (child.life !== ended || child.state === 'stopping') return
  finishLife(child, exit)
  void sweep(child.tree, ended)
  child.tree.wake()
}

/** Carries out END: signal, grace, force, sweep; then what the exit leads to. */
export const endLife = async (child: LiveChild, force: boolean): Promise<void> => {
  const { tree, spec, life } = child
  if (life === null) return
  const graceMs = force ? 0 : spec.stop.graceMs
  const left = await endProcess(targetOf(life), { graceMs, signal: force ? 'SIGKILL' : spec.stop.signal })
  if (child.life !== life) return
  if (left === 'survived') {
    await tree.clock.sleep(SURVIVOR_RETRY_MS)
    if (child.life === life) child.actor.send({ type: 'STILL_ALIVE', reason: 'it survived SIGKILL' })
    return
  }
  const exit = await toldExit(tree, life)
  if (child.life !== life) return
  child.wasForced = force || exit.signal === 'SIGKILL'
  finishLife(child, exit)
  forget(tree, life)
  tree.wake()
}

/** Settles an exit and tells the machine, the group and whoever is to be told of a limit. */
export const finishLife = (child: LiveChild, exit: ExitSeen): void => {
  const { tree, spec } = child
  const settled = settleExit(child, exit)
  child.lastExit = settled
  child.life?.close()
  // A job that ended as it should has been up, as far as its neighbours are concerned.
  if (settled.next === 'finished' && settled.cause === 'intended') child.wasUp = true
  if (settled.next === 'quarantined')
    child.gaveUp ??= { reason: settled.reason, diagnosis: diagnoseChild(child, 'crashing', exit) }
  child.life = null
  child.takenDownBy = null
  child.ladder?.send({ type: 'FAULT_GONE' })
  child.actor.send({
    type: 'EXITED',
    next: settled.next,
    dueMonoMs: settled.dueMonoMs,
    reason: settled.reason,
  })
  if (settled.isFailure) tree.siblingsOf(spec.id)
  if (settled.escalate !== 'none')
    tree.escalate(settled.escalate === 'child' ? spec.id : spec.group, settled.reason)
}

/** Ends whatever a dead process left running. A new life may begin meanwhile: the mark tells the two apart. */
const sweep = async (tree: Tree, ended: ChildLife): Promise<void> => {
  const left = await endProcess(targetOf(ended), { graceMs: 0, signal: 'SIGKILL' })
  if (left === 'gone') forget(tree, ended)
}

/** Removes what is kept of a life that is proved gone. */
const forget = (tree: Tree, { process }: ChildLife): void => {
  forgetRegistration(process)
  rmSync(tree.layout.probeSecret(process.intent.incarnation), { force: true })
}

/** The exit of an adopted process is told to its own parent only. */
const toldExit = async (tree: Tree, { exited }: ChildLife): Promise<ExitSeen> => {
  if (exited === null) return UNKNOWN_EXIT
  const enough = new AbortController()
  const told = await Promise.race([exited, tree.clock.sleep(EXIT_TOLD_WITHIN_MS, enough.signal)])
  enough.abort()
  return told === undefined ? UNKNOWN_EXIT : { ...told, startFailed: false }
}

const targetOf = ({ process }: ChildLife) => ({ identity: process.identity, mark: process.intent.mark })
