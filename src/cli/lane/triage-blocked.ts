import type { TaskSpec } from '../../contracts/task.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { findFollowUps } from './find-follow-ups.ts'
import type { LaneParts } from './lane-turn.ts'

/** How many follow-ups one look may add. */
const MOST_AT_ONCE = 3

/** The improve lane's look at Blocked tasks: at most one follow-up each, a few at a time. Safe to repeat. */
export const triageBlocked = async (parts: LaneParts): Promise<void> => {
  const { board, store, clock, child } = parts
  const followUps = await findFollowUps({ board, store, nowMs: clock.wallMs() })
  for (const followUp of followUps.slice(0, MOST_AT_ONCE)) {
    await add(parts, followUp)
    ringDoorbell(child.layout.doorbell(followUp.kind))
  }
}

const add = async ({ board, stream, child }: LaneParts, followUp: TaskSpec): Promise<void> => {
  const by = { actor: 'lane', name: child.incarnation, fence: null } as const
  await board.add(followUp, 'Ready', by)
  const parent = followUp.parent?.id ?? followUp.id
  const text = `${followUp.id} looks into this (${followUp.parent?.handoff}).`
  await board.comment(parent, { mark: `triage/${followUp.id}`, text }, by)
  await stream.append('triaged', { task: parent, followUp: followUp.id })
}
