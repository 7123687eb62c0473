import type { OfferedTool } from './wire.ts'

/** The objects in what should be a list of them. */
export const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value)
    ? value.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    : []

/** One tool from its name and JSON schema. */
export const offered = (name: unknown, schema: unknown): OfferedTool => ({
  name: String(name),
  parameters: Object.keys((schema as { properties?: object } | null | undefined)?.properties ?? {}),
})
