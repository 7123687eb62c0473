import {
  type AnyMachineSnapshot,
  createActor,
  type ExecutableActionObject,
  initialTransition,
  transition,
} from 'xstate'
import { z } from 'zod'
import { DURABLE_MACHINES } from '../../../../machines/durable/registry.ts'
import type { EffectName, EffectOutput } from '../../../../src/contracts/effect-io.ts'
import type { Failure } from '../../../../src/contracts/failure.ts'
import { effectInput, stamp } from './samples.ts'

type Name = keyof typeof DURABLE_MACHINES

/** One thing a transition asked for, as plain JSON. */
export interface Asked {
  readonly type: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read into it freely
  readonly params: any
}

/** Checks everything a transition asked for the way the host does, and gives it back as plain JSON. */
export const readActions = (actions: readonly ExecutableActionObject[]): Asked[] =>
  actions.flatMap((action): Asked[] => {
    const params = JSON.parse(JSON.stringify(action.params ?? null))
    if (action.type === 'xstate.spawnChild') {
      check(effectInput(params.src), params.input, `input of ${params.src}`)
      return [{ type: 'invoke', name: params.src, params: params.input }]
    }
    if (action.type === 'send') check(eventSchemaOf(params.to), params.event, `event ${params.event.type}`)
    else if (action.type === 'startActor') {
      const schema = DURABLE_MACHINES[params.machine as Name].inputSchema
      check(schema, { ...params.input, ...stamp }, `input of ${params.machine}`)
    } else if (action.type.startsWith('xstate.')) return []
    else check(effectInput(action.type), params, `input of ${action.type}`)
    return [{ type: action.type, name: nameOf(action.type, params), params }]
  })

/** The context and the stored form must survive JSON and mean the same afterwards. */
export const checkSnapshot = (name: Name, snapshot: AnyMachineSnapshot): void => {
  const { machine, contextSchema } = DURABLE_MACHINES[name]
  const plain = JSON.parse(JSON.stringify(snapshot.context))
  if (JSON.stringify(contextSchema.parse(plain)) === undefined) throw new Error('unreachable')
  expectSame(contextSchema.parse(plain), snapshot.context, `context of ${name}`)
  const stored = JSON.parse(JSON.stringify(machine.getPersistedSnapshot(snapshot as never)))
  const restored = createActor(
    machine as never,
    { snapshot: stored } as never,
  ).getSnapshot() as AnyMachineSnapshot
  expectSame(
    JSON.parse(JSON.stringify(machine.getPersistedSnapshot(restored as never))),
    stored,
    `stored ${name}`,
  )
}

/** A durable machine driven by pure transitions, as its host drives it: stored and restored between any two events. */
export class DurableRun {
  readonly name: Name
  readonly asked: Asked[] = []
  /** Every timer that was ever set, by the event it raises. */
  readonly timers: string[] = []
  /** What the last transition asked for. */
  last: Asked[] = []
  snapshot: AnyMachineSnapshot

  constructor(name: Name, input: unknown) {
    this.name = name
    const [snapshot, actions] = initialTransition(this.#machine, input as never)
    this.snapshot = snapshot as AnyMachineSnapshot
    this.#note(actions)
  }

  /** The state as dotted text. */
  get state(): string {
    const text = (value: unknown): string =>
      typeof value === 'string'
        ? value
        : Object.entries(value as object)
            .map(([key, inner]) => `${key}.${text(inner)}`)
            .join(' ')
    return text(this.snapshot.value)
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read into it freely
  get context(): any {
    return this.snapshot.context
  }

  /** The effect that is under way; there is never more than one. */
  get effect(): string | null {
    const [first, ...more] = Object.values(this.snapshot.children) as { src?: string; id: string }[]
    if (more.length > 0) throw new Error(`more than one effect under way in ${this.state}`)
    return first?.id ?? null
  }

  /** An event from outside, stamped by the host. */
  send(event: { type: string } & Record<string, unknown>): this {
    const stored = JSON.parse(JSON.stringify(this.#machine.getPersistedSnapshot(this.snapshot as never)))
    const restored = createActor(this.#machine as never, { snapshot: stored } as never).getSnapshot()
    const [snapshot, actions] = transition(this.#machine, restored as never, { ...event, ...stamp } as never)
    this.snapshot = snapshot as AnyMachineSnapshot
    if (this.snapshot.status === 'error') throw this.snapshot.error
    this.#note(actions)
    return this
  }

  /** The effect under way ended well. */
  done<N extends EffectName>(name: N, output: EffectOutput<N>): this {
    this.#mustRun(name)
    return this.send({ type: `xstate.done.actor.${name}`, output, actorId: name })
  }

  /** The effect under way failed. */
  fail(name: EffectName, failure: Failure): this {
    this.#mustRun(name)
    return this.send({ type: `xstate.error.actor.${name}`, error: failure, actorId: name })
  }

  /** The state's delay is over. */
  after(delay: string): this {
    const active = this.snapshot._nodes.flatMap((node) => node.after.map((timer) => timer.eventType))
    const type = active.find((eventType) => eventType.startsWith(`xstate.after.${delay}.`))
    if (type === undefined) throw new Error(`${this.state} has no delay ${delay}`)
    return this.send({ type })
  }

  /** The params of what the last transition asked for under this name. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read into it freely
  lastParams(name: string): any {
    return this.last.find((asked) => asked.name === name)?.params
  }

  get #machine() {
    return DURABLE_MACHINES[this.name].machine
  }

  #mustRun(name: string): void {
    if (this.effect !== name) throw new Error(`${this.state} runs ${this.effect}, not ${name}`)
  }

  #note(actions: readonly ExecutableActionObject[]): void {
    checkSnapshot(this.name, this.snapshot)
    this.last = readActions(actions)
    const raised = actions.filter((action) => action.type === 'xstate.raise')
    this.timers.push(...raised.map(({ params }) => String((params as { id?: string }).id)))
    this.asked.push(...this.last)
  }
}

/** What the last event asked for, by name. */
export const names = (run: DurableRun): string[] => run.last.map((asked) => asked.name)

const eventSchemaOf = (actor: string): z.ZodType => {
  const name = actor.slice(0, actor.indexOf('-')) as Name
  return DURABLE_MACHINES[name].eventSchema
}

const nameOf = (
  type: string,
  params: { event?: { type: string }; to?: string; machine?: string } | null,
): string => {
  if (type === 'send') return params?.event?.type ?? type
  if (type === 'moveTask') return `to ${params?.to}`
  return type === 'startActor' ? `start ${params?.machine}` : type
}

const check = (schema: z.ZodType, value: unknown, what: string): void => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Error(`${what}: ${z.prettifyError(parsed.error)}`)
}

const expectSame = (left: unknown, right: unknown, what: string): void => {
  const [a, b] = [JSON.stringify(sorted(left)), JSON.stringify(sorted(right))]
  if (a !== b) throw new Error(`${what} does not survive JSON: ${a} became ${b}`)
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
