import type { ActorRow, RecordRow } from '../contracts/store.ts'
import { sha256 } from '../platform/sha256.ts'

/** An actor's columns that its events vouch for; `snapshot` is canonical text already. */
export type ActorState = Pick<ActorRow, 'queue' | 'machine' | 'machineVersion' | 'status' | 'entries'> & {
  readonly snapshot: string
}

/** A record's columns that its events vouch for; `value` is canonical text already. */
export type RecordState = Pick<RecordRow, 'queue' | 'state' | 'rank' | 'createdMs'> & {
  readonly value: string
}

/** Hash of the canonical state of an actor: changing any column of its row is found by `verify`. */
export const actorStateHash = (row: ActorState): string =>
  sha256(
    `{"entries":${row.entries},"machine":${JSON.stringify(row.machine)},"machineVersion":${row.machineVersion},` +
      `"queue":${JSON.stringify(row.queue)},"snapshot":${row.snapshot},"status":"${row.status}"}`,
  )

/** Hash of the canonical state of a record. */
export const recordStateHash = (row: RecordState): string =>
  sha256(
    `{"createdMs":${row.createdMs},"queue":${JSON.stringify(row.queue)},"rank":${row.rank},` +
      `"state":${JSON.stringify(row.state)},"value":${row.value}}`,
  )

/** A ledger entry's columns that its events vouch for; `value` is canonical text already. */
export interface SpendState {
  readonly task: string
  readonly agent: string
  readonly lane: string
  readonly state: string
  readonly endedWall: number | null
  readonly endedMono: number | null
  readonly endedBoot: string | null
  readonly value: string
}

/** Hash of the canonical state of a ledger entry. */
export const spendStateHash = (row: SpendState): string =>
  sha256(
    `{"agent":${JSON.stringify(row.agent)},"endedBoot":${JSON.stringify(row.endedBoot)},"endedMono":${row.endedMono},` +
      `"endedWall":${row.endedWall},"lane":${JSON.stringify(row.lane)},"state":"${row.state}",` +
      `"task":${JSON.stringify(row.task)},"value":${row.value}}`,
  )
