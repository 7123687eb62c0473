import { z } from 'zod'

/** Any value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** Accepts exactly the JSON data model: no Date, Map, undefined, NaN or function gets through. */
export const JsonValue: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>
