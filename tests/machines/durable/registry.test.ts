import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DURABLE_MACHINES } from '../../../machines/durable/registry.ts'
import { EFFECT_IO } from '../../../src/contracts/effect-io.ts'
import { checkProfile, effectNames } from '../../../src/durable/check-profile.ts'
import { definitionHash } from '../../../src/durable/definition-hash.ts'
import { RESERVED_ACTIONS } from '../../../src/durable/plan-actions.ts'

const committed: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('definition-hashes.json', import.meta.url), 'utf8'),
)

describe.each(Object.values(DURABLE_MACHINES))('$name', ({ name, machine, version, contextSchema }) => {
  it('keeps to the durable profile', () => {
    expect(checkProfile(machine)).toEqual([])
  })

  it('asks for effects of the contract only', () => {
    const unknown = effectNames(machine, RESERVED_ACTIONS).filter((effect) => !(effect in EFFECT_IO))
    expect(unknown).toEqual([])
  })

  it('describes every state', () => {
    const nodes = (node: typeof machine.root): (typeof machine.root)[] => [
      node,
      ...Object.values(node.states).flatMap((child) => nodes(child as never)),
    ]
    const silent = nodes(machine.root).filter((node) => node !== machine.root && !node.description)
    expect(silent.map((node) => node.id)).toEqual([])
  })

  it('has the definition its version stands for', () => {
    const hash = definitionHash(machine, contextSchema)
    const help = `${name} version ${version} is now ${hash}: if actors may already be stored, raise the version, write a migration and add a row; else replace the row in definition-hashes.json`
    expect(committed[name]?.[String(version)], help).toBe(hash)
  })

  it('has no committed version that is newer than its own', () => {
    const newest = Math.max(...Object.keys(committed[name] ?? {}).map(Number))
    expect(newest).toBe(version)
  })
})
