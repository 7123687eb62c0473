import type { JsonValue } from '../../contracts/json.ts'
import type { Frame } from './frame.ts'

/** The longest frame, in bytes of UTF-8. Big contexts make every viewer slow; evidence and journal hold the whole. */
export const MAX_FRAME_BYTES = 64 * 1024

type Json = Readonly<Record<string, JsonValue>>

/**
 * A frame that fits. One that is too long loses the biggest fields of its context, output and event, one after the
 * other, until it does; a note says which.
 */
export const capFrame = (frame: Frame): Frame => {
  if (sizeOf(frame) <= MAX_FRAME_BYTES) return frame
  const dropped: string[] = []
  let left = frame
  for (const field of bySize(frame)) {
    left = without(left, field)
    dropped.push(field.path.join('.'))
    const noted = { ...left, note: noteOf(dropped) }
    if (sizeOf(noted) <= MAX_FRAME_BYTES) return noted
  }
  return { ...left, note: noteOf(dropped) }
}

interface Field {
  /** Where it stands below the frame: `snapshot.context.spec`, `event.output`. */
  readonly path: readonly [string, ...string[]]
  readonly bytes: number
}

const bySize = (frame: Frame): Field[] =>
  [
    ...('snapshot' in frame ? fieldsOf(frame.snapshot, ['snapshot']) : []),
    ...('snapshot' in frame ? fieldsOf(frame.snapshot.context, ['snapshot', 'context']) : []),
    ...('event' in frame ? fieldsOf(frame.event, ['event']) : []),
  ]
    .filter(({ path }) => !KEPT.has(path.join('.')))
    .sort((a, b) => b.bytes - a.bytes)

/** What a viewer cannot do without; the context goes field by field. */
const KEPT = new Set(['snapshot.status', 'snapshot.value', 'snapshot.context', 'snapshot.tags', 'event.type'])

const fieldsOf = (value: JsonValue | undefined, at: readonly [string, ...string[]]): Field[] =>
  isObject(value)
    ? Object.entries(value).map(([name, field]) => ({
        path: [...at, name],
        bytes: sizeOf(field),
      }))
    : []

const without = (frame: Frame, { path, bytes }: Field): Frame =>
  replaced(frame as unknown as Json, path, `(left out: ${bytes} bytes)`) as unknown as Frame

const replaced = (value: Json, [name, ...rest]: readonly string[], by: string): Json => {
  if (name === undefined) return value
  const inner = value[name]
  return { ...value, [name]: rest.length > 0 && isObject(inner) ? replaced(inner, rest, by) : by }
}

const noteOf = (dropped: readonly string[]): string =>
  `left out because a frame holds ${MAX_FRAME_BYTES} bytes: ${dropped.slice(0, NAMED).join(', ')}${dropped.length > NAMED ? ` and ${dropped.length - NAMED} more` : ''}`

const NAMED = 20

/** Of its JSON, in bytes of UTF-8. */
const sizeOf = (value: JsonValue | Frame): number => Buffer.byteLength(JSON.stringify(value))
const isObject = (value: JsonValue | undefined): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
