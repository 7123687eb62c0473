import type { Forge } from '../forge/forge.ts'

/** The forge of a repository, speaking for one effect. */
export type ForgeOf = (repo: string, effectId: string) => Forge
