import type { AnyStateMachine } from 'xstate'
import type { JsonValue } from '../../contracts/json.ts'
import type { ActorRow, StoredEvent } from '../../contracts/store.ts'
import { machineDefinition } from '../look/machine-definition.ts'
import { FRAME_VERSION, type Frame, type SnapshotJson } from './frame.ts'
import { type Replayed, replaySnapshots } from './replay-snapshots.ts'

/** An actor as frames name it. */
export interface Subject {
  readonly row: ActorRow
  readonly machine: AnyStateMachine
  /** From the actor up to the topmost above it. */
  readonly line: readonly string[]
}

/** The frame that introduces an actor. @param since the event that it stands after. */
export const actorFrame = (
  { row, machine, line }: Subject,
  snapshot: SnapshotJson,
  since: Pick<StoredEvent, 'at' | 'seq'>,
): Frame => ({
  type: '@xstate.actor',
  name: row.machine,
  ...common({ row, line }, since, 'actor'),
  ...(line[1] === undefined ? {} : { parentId: line[1] }),
  definition: machineDefinition(machine),
  snapshot,
})

/**
 * The frames of what an actor was told from event `fromSeq` on; its first event introduces it.
 * @param events its whole stream, up to `row.seq`
 */
export const eventFrames = (subject: Subject, events: readonly StoredEvent[], fromSeq: number): Frame[] =>
  replaySnapshots(subject.machine, events)
    .filter(({ stored }) => stored.seq >= fromSeq)
    .flatMap((step) => [
      ...(step.stored.seq === 1 ? [actorFrame(subject, step.snapshot, step.stored)] : []),
      ...framesOf(subject, step),
    ])

const framesOf = (subject: Subject, step: Replayed): Frame[] => {
  const { stored, event } = step
  const sourceId = sourceOf(subject.row, step.source)
  // What is stored now is true even where the machine has changed since.
  const isLast = !step.isWhole && stored.seq === subject.row.seq
  const snapshot = isLast ? (subject.row.snapshot as SnapshotJson) : step.snapshot
  const note = noteOf(step, isLast)
  return [
    {
      type: '@xstate.event',
      ...common(subject, stored, 'event'),
      ...(sourceId === null ? {} : { sourceId }),
      event,
      ...note,
    },
    {
      type: '@xstate.snapshot',
      ...common(subject, stored, 'snapshot'),
      event: told(event),
      snapshot,
      ...note,
    },
  ]
}

const noteOf = ({ refused, isWhole }: Replayed, isStored: boolean): { note?: string } => {
  if (refused !== null) return { note: `the host refused it: ${refused}` }
  return isWhole || isStored ? {} : { note: 'only the state is known: the machine has changed since' }
}

/** The event itself has just been sent in full. */
const told = ({ type }: Replayed['event']): { type: string } & Record<string, JsonValue> => ({ type })

/** A timer is the actor's own; a row that another actor sent is named by that actor's effect. People have no actor. */
const sourceOf = (row: ActorRow, source: Replayed['source']): string | null => {
  if (source?.kind === 'timer') return row.id
  const sender = source?.kind === 'inbox' ? /^((?:task|review|gate)-[^/]+)\//.exec(source.id)?.[1] : undefined
  return sender ?? null
}

const common = (
  { row, line }: Pick<Subject, 'row' | 'line'>,
  { at, seq }: Pick<StoredEvent, 'at' | 'seq'>,
  what: string,
) => ({
  _version: FRAME_VERSION,
  createdAt: `${at.wallMs}`,
  id: `${row.id}/${seq}/${what}`,
  rootId: line.at(-1) ?? row.id,
  sessionId: row.id,
})
