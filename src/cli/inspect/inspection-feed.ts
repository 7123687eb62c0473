import { setImmediate as turn } from 'node:timers/promises'
import type { MachineDefinition } from '../../durable/define-machine.ts'
import type { Store } from '../../durable/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { actorFrame, eventFrames, type Subject } from './actor-frames.ts'
import { createJournalWatch, streamHeads } from './follow-journal.ts'
import type { Frame, SnapshotJson } from './frame.ts'
import { createKinship } from './kinship.ts'

export interface FeedOptions {
  readonly store: Store
  /** Path of the journal. */
  readonly journal: string
  readonly clock: Clock
  readonly machines: readonly MachineDefinition[]
  /** An actor: only it and the actors below it are told. Null: all. */
  readonly target: string | null
  /** `start`: everything that ever happened. `now`: each actor as it is, and what happens from here on. */
  readonly from: 'start' | 'now'
}

/**
 * The inspection feed of a journal, read off it alone: a running system's and a past one's look the same. First what
 * there is, then, unless `once`, what is added until `signal` is aborted. Every event comes exactly once: an actor's
 * snapshot and the number of its last event are read together, and its events are told from there.
 */
export async function* inspectionFeed(
  options: FeedOptions,
  { once, signal }: { readonly once: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Frame> {
  const feed = createFeed(options)
  const watch = createJournalWatch(options.journal, options.clock)
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const token = watch.token()
    for await (const frames of feed.look(isFirst && options.from === 'now')) yield* frames
    if (once) return
    await watch.changed(token, signal)
  }
}

/** Where an actor belongs: `depth` 1 is the topmost. */
interface Place {
  readonly id: string
  readonly root: string
  readonly depth: number
}

const createFeed = ({ store, journal, machines, target }: FeedOptions) => {
  /** How far each stream has been told; streams that are no actors of ours are passed over for good. */
  const told = new Map<string, number>()
  const lineOf = createKinship(store)

  const subjectOf = async (id: string): Promise<Subject | null> => {
    const row = await store.loadActor(id)
    const machine = machines.find(({ name }) => name === row?.machine)?.machine
    if (row === null || machine === undefined) return null
    const line = await lineOf(row)
    return target === null || line.includes(target) ? { row, machine, line } : null
  }

  const placesOfNews = async (): Promise<Place[]> => {
    const places: Place[] = []
    for (const [stream, seq] of streamHeads(journal)) {
      if ((told.get(stream) ?? 0) >= seq) continue
      const subject = await subjectOf(stream)
      if (subject === null) told.set(stream, Number.MAX_SAFE_INTEGER)
      else places.push({ id: stream, root: subject.line.at(-1) ?? stream, depth: subject.line.length })
      await turn()
    }
    return places
  }

  const introduce = async (subject: Subject): Promise<Frame[]> => {
    const { row } = subject
    const [last] = await store.readStream(row.id, row.seq, 1)
    return last === undefined ? [] : [actorFrame(subject, row.snapshot as SnapshotJson, last)]
  }

  const tell = async (subject: Subject): Promise<Frame[]> => {
    const { row } = subject
    const from = (told.get(row.id) ?? 0) + 1
    return eventFrames(subject, await store.readStream(row.id, 1, row.seq), from)
  }

  return {
    /** What is new, family by family, the events of each in the order of their time. */
    look: async function* (isIntroduction: boolean): AsyncGenerator<Frame[]> {
      for (const family of familiesOf(await placesOfNews())) {
        const frames: Frame[] = []
        for (const { id } of family) {
          const subject = await subjectOf(id)
          if (subject === null) continue
          frames.push(...(await (isIntroduction ? introduce(subject) : tell(subject))))
          told.set(id, subject.row.seq)
        }
        yield isIntroduction ? frames : inTime(frames)
        await turn()
      }
    },
  }
}

/** By the topmost actor; above comes before below. */
const familiesOf = (places: readonly Place[]): Place[][] => {
  const families = new Map<string, Place[]>()
  for (const place of places.toSorted((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1))) {
    families.set(place.root, [...(families.get(place.root) ?? []), place])
  }
  return [...families.values()]
}

/** Merged by time; an actor's own order holds even where the clock was set back meanwhile. */
const inTime = (frames: readonly Frame[]): Frame[] => {
  const latest = new Map<string, number>()
  const timed = frames.map((frame) => {
    const atMs = Math.max(Number(frame.createdAt), latest.get(frame.sessionId) ?? 0)
    latest.set(frame.sessionId, atMs)
    return { atMs, frame }
  })
  return timed.toSorted((a, b) => a.atMs - b.atMs).map(({ frame }) => frame)
}
