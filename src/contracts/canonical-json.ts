import type { JsonValue } from './json.ts'

/**
 * Serialises a JSON value to the one text that equal values share: keys sorted by code unit, no white space.
 * Everything we hash or sign goes through here, so that two machines always sign the same bytes.
 * @throws TypeError when the value holds something JSON cannot carry (undefined, NaN, a function, a Date …).
 * @example canonicalJson({ b: 1, a: [true] }) === '{"a":[true],"b":1}'
 */
export const canonicalJson = (value: JsonValue): string => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`canonicalJson: ${describe(value)} is not a JSON value`)
}

const isPlainObject = (value: unknown): value is { [key: string]: JsonValue } => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const describe = (value: unknown): string =>
  typeof value === 'number' ? String(value) : Object.prototype.toString.call(value)
