import type { JsonValue } from '../../contracts/json.ts'

type EventJson = { readonly type: string } & Readonly<Record<string, JsonValue>>

/** A snapshot as frames carry it: what XState persists, less where frames must be kept small. */
export type SnapshotJson = Readonly<Record<string, JsonValue>>

interface Common {
  readonly _version: string
  /** Wall milliseconds as text, as @statelyai/inspect writes them. */
  readonly createdAt: string
  /** Stable: the same event of the journal is the same id, however often it is sent. */
  readonly id: string
  readonly rootId: string
  /** The actor's id. */
  readonly sessionId: string
}

/** One message of the inspection feed, in the shape of @statelyai/inspect 0.7. `note` is ours: what was left out, and why. */
export type Frame =
  | (Common & {
      readonly type: '@xstate.actor'
      readonly name: string
      readonly parentId?: string
      /** JSON of the machine's configuration. */
      readonly definition: string
      readonly snapshot: SnapshotJson
      readonly note?: string
    })
  | (Common & {
      readonly type: '@xstate.event'
      readonly sourceId?: string
      readonly event: EventJson
      readonly note?: string
    })
  | (Common & {
      readonly type: '@xstate.snapshot'
      readonly event: EventJson
      readonly snapshot: SnapshotJson
      readonly note?: string
    })

/** The version of the shape, told in every frame. */
export const FRAME_VERSION = '0.7.2'
