import type { CompileContext } from './compile-context.ts'
import type { ManifestFinding } from './manifest-problem.ts'
import { nearest } from './nearest.ts'
import type { Manifest } from './schema/manifest.ts'

/** Keys of a profile that only some types take. */
const SPECIAL = ['command', 'prompt', 'recordings', 'auth', 'base_url', 'max_turns'] as const

/** Every profile's type is a registered one, and its keys are those that this type takes and can be held to. */
export const checkAgentTypes = (context: CompileContext, agents: Manifest['agents']): ManifestFinding[] =>
  Object.entries(agents).flatMap(([key, agent]) => {
    const keys = context.agentTypes[agent.type]
    if (keys === undefined) return [unknownType(key, agent.type, Object.keys(context.agentTypes))]
    const given = SPECIAL.filter((name) => agent[name] !== undefined)
    const taken = [...keys.required, ...keys.optional]
    return [
      ...keys.required
        .filter((name) => !(given as readonly string[]).includes(name))
        .map((name) => ({
          at: ['agents', key],
          message: `type ${agent.type} needs ${name}`,
          remedy: `add ${name}`,
        })),
      ...given
        .filter((name) => !taken.includes(name))
        .map((name) => ({
          at: ['agents', key, name],
          message: `type ${agent.type} does not take it`,
          remedy: taken.length === 0 ? 'remove it' : `remove it; this type takes ${taken.join(', ')}`,
        })),
      ...keys.unserved
        .filter(({ at }) => isGiven(agent, at))
        .map(({ at, lacks, remedy }) => ({
          at: ['agents', key, ...at],
          message: `type ${agent.type} cannot be held to it: ${lacks}`,
          remedy,
        })),
    ]
  })

/** A key that is left out is null or false once it is read. */
const isGiven = (agent: Manifest['agents'][string], at: readonly string[]): boolean => {
  const value = at.reduce<unknown>((within, name) => (within as Record<string, unknown>)[name], agent)
  return value !== null && value !== false
}

const unknownType = (key: string, type: string, known: readonly string[]): ManifestFinding => {
  const guess = nearest(type, known)
  const list = `write one of ${known.join(', ')}`
  return {
    at: ['agents', key, 'type'],
    message: `there is no agent type "${type}"`,
    remedy: guess === null ? list : `did you mean ${guess}? ${list}`,
  }
}
