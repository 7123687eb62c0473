import type { JsonValue } from '../../contracts/json.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'

/** The ids from an actor up to the topmost above it, itself first. */
export type LineOf = (row: ActorRow) => Promise<readonly string[]>

/** Finds who stands above an actor: an actor's parent never changes, so each is looked up once. */
export const createKinship = (store: Pick<Store, 'loadActor'>): LineOf => {
  const parents = new Map<string, string | null>()
  const parentOf = async (id: string): Promise<string | null> => {
    const known = parents.get(id)
    if (known !== undefined) return known
    const row = await store.loadActor(id)
    const parent = row === null ? null : await namedParent(row)
    parents.set(id, parent)
    return parent
  }
  /** The parent that is named, if it is an actor. */
  const namedParent = async (row: ActorRow): Promise<string | null> => {
    const id = parentIdOf(row)
    return id !== null && (parents.has(id) || (await store.loadActor(id)) !== null) ? id : null
  }
  return async (row) => {
    const line = [row.id]
    for (let at = await parentOf(row.id); at !== null && !line.includes(at); at = await parentOf(at)) {
      line.push(at)
    }
    return line
  }
}

/** Where each machine's context names the actor that it was started for. */
const PARENT_AT: Readonly<Record<string, readonly string[]>> = {
  task: ['spec', 'parent', 'id'],
  review: ['taskId'],
  gate: ['opening', 'replyTo', 'actor'],
}

/** The actor that an actor was started for; null for a task of its own. */
export const parentIdOf = ({ machine, snapshot }: Pick<ActorRow, 'machine' | 'snapshot'>): string | null => {
  const at = (PARENT_AT[machine] ?? []).reduce(
    (value: JsonValue | undefined, name) => fieldOf(value, name),
    fieldOf(snapshot, 'context'),
  )
  return typeof at === 'string' ? at : null
}

const fieldOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
