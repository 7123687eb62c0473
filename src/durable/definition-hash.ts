import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { z } from 'zod'
import { canonicalJson } from '../contracts/canonical-json.ts'
import type { JsonValue } from '../contracts/json.ts'
import { sha256 } from '../platform/sha256.ts'

/**
 * Hash of all that stored actors of a machine depend on: states, events, targets, guards' and actions' names, invokes
 * and delays, and the context's schema where given. A committed hash that differs means: raise the version and write
 * a migration. What functions do inside is not part of it.
 */
export const definitionHash = (machine: AnyStateMachine, contextSchema?: z.ZodType): string =>
  sha256(
    canonicalJson({
      id: machine.id,
      root: describeNode(machine.root),
      context:
        contextSchema === undefined ? null : plain(z.toJSONSchema(contextSchema, { unrepresentable: 'any' })),
    }),
  )

const describeNode = (node: AnyStateNode): JsonValue => ({
  id: node.id,
  type: node.type,
  history: node.history === false ? null : String(node.history),
  tags: [...node.tags].sort(),
  initial: node.config.initial === undefined ? null : node.initial.target.map((target) => target.id),
  entry: node.entry.map(describeStep),
  exit: node.exit.map(describeStep),
  invoke: node.invoke.map((invoke) => ({ id: invoke.id, src: String(invoke.src) })),
  after: node.after.map((transition) => ({
    delay: describeStep(transition.delay),
    event: transition.eventType,
  })),
  on: [...[...node.transitions.values()].flat(), ...(node.always ?? [])].map((transition) => ({
    event: transition.eventType,
    target: transition.target?.map((target) => target.id) ?? null,
    guard: describeStep(transition.guard),
    actions: transition.actions.map(describeStep),
    reenter: transition.reenter,
  })),
  states: Object.values(node.states).map(describeNode),
})

/** A named action, guard or delay by its name; a built-in by its type; anything else only as a function. */
const describeStep = (step: unknown): JsonValue => {
  if (step === undefined || step === null) return null
  if (typeof step === 'string' || typeof step === 'number') return step
  if (typeof step === 'object' && 'type' in step) return String(step.type)
  if (typeof step === 'function') return 'type' in step ? String(step.type) : 'function'
  return plain(step)
}

const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue
