import { describe, expect, it } from 'vitest'
import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import { z } from 'zod'
import { checkProfile } from '../../src/durable/check-profile.ts'
import { defineMachine, ProfileError } from '../../src/durable/define-machine.ts'
import { definitionHash } from '../../src/durable/definition-hash.ts'
import { createRegistry } from '../../src/durable/registry.ts'
import { noteEffect, ToyContext, toyDefinition, toyMachine, workEffect } from './toy-machine.ts'

const promise = fromPromise(async () => null)
const invoking = (actors: object, invoke: object): AnyStateMachine =>
  createMachine({ initial: 'a', states: { a: { invoke }, b: {} } } as never).provide({ actors } as never)
const acting = (action: unknown, actions: object = {}): AnyStateMachine =>
  createMachine({ initial: 'a', states: { a: { on: { E: { actions: action } } } } } as never).provide({
    actions,
  } as never)
const handled = { onDone: 'b', onError: 'b' }

describe('the durable profile', () => {
  it.each<[string, AnyStateMachine]>([
    ['everything the toy uses', toyMachine],
    ['a named custom action without implementation', acting({ type: 'note' })],
    ['a named action that assigns', acting('bump', { bump: assign({}) })],
    [
      'raise, delayed or not, and cancel',
      acting([raise({ type: 'X' }), raise({ type: 'X' }, { delay: 5 }), cancel('x')]),
    ],
    ['a partial wildcard', createMachine({ on: { 'gate.*': {} } })],
  ])('allows %s', (_, machine) => {
    expect(checkProfile(machine)).toEqual([])
  })

  it.each<[string, AnyStateMachine, RegExp]>([
    ['invoke without onDone', invoking({ w: promise }, { src: 'w', onError: 'b' }), /has no onDone/],
    ['invoke without onError', invoking({ w: promise }, { src: 'w', onDone: 'b' }), /has no onError/],
    [
      'invoke with onSnapshot',
      invoking({ w: promise }, { src: 'w', ...handled, onSnapshot: 'b' }),
      /onSnapshot/,
    ],
    ['invoke with a systemId', invoking({ w: promise }, { src: 'w', ...handled, systemId: 's' }), /systemId/],
    [
      'invoke with a number for its id',
      invoking({ w: promise }, { id: '0', src: 'w', ...handled }),
      /number for its id/,
    ],
    ['invoke of inline logic', invoking({}, { src: promise, ...handled }), /inline logic/],
    ['invoke of an unknown actor', invoking({}, { src: 'w', ...handled }), /not in setup/],
    ['a callback actor', invoking({ w: fromCallback(() => {}) }, { src: 'w', ...handled }), /not promise/],
    [
      'an observable actor',
      invoking({ w: fromObservable(() => ({}) as never) }, { src: 'w', ...handled }),
      /not promise/,
    ],
    [
      'a transition actor',
      invoking({ w: fromTransition((s) => s, {}) }, { src: 'w', ...handled }),
      /not promise/,
    ],
    ['a nested machine', invoking({ w: createMachine({}) }, { src: 'w', ...handled }), /not promise/],
    ['a bare wildcard', createMachine({ states: { a: { on: { '*': {} } } }, initial: 'a' }), /bare '\*'/],
    ['sendTo', acting(sendTo('x', { type: 'E' })), /uses sendTo/],
    ['sendParent', acting(sendParent({ type: 'E' })), /uses sendTo/],
    ['emit', acting(emit({ type: 'E' })), /uses emit/],
    ['spawnChild', acting(spawnChild(promise)), /uses spawnChild/],
    ['stopChild', acting(stopChild('x')), /uses stopChild/],
    ['enqueueActions', acting(enqueueActions(() => {})), /uses enqueueActions/],
    ['a forbidden action behind a name', acting('tell', { tell: emit({ type: 'E' }) }), /uses emit/],
    ['an inline function', acting(() => {}), /inline function/],
    ['a forbidden entry action', createMachine({ entry: emit({ type: 'E' }) }), /entry of/],
    ['a forbidden exit action', createMachine({ exit: emit({ type: 'E' }) }), /exit of/],
    [
      'a forbidden action on always',
      createMachine({
        initial: 'a',
        states: { a: { always: { target: 'b', actions: emit({ type: 'E' }) } }, b: {} },
      }),
      /transition always of/,
    ],
    [
      'a forbidden action on initial',
      createMachine({ initial: { target: 'a', actions: emit({ type: 'E' }) } as never, states: { a: {} } }),
      /uses emit/,
    ],
  ])('refuses %s', (_, machine, reason) => {
    const define = () => defineMachine({ ...toyDefinition, name: 'bad', machine })
    expect(define).toThrow(ProfileError)
    expect(define).toThrow(reason)
  })

  it('refuses a spawn hidden in an assign when it happens', async () => {
    const { planStart, planTurn } = await import('../../src/durable/plan-turn.ts')
    const machine = setup({ actors: { w: promise } }).createMachine({
      context: {},
      on: { S: { actions: assign(({ spawn }) => ({ ref: spawn('w', { id: 'hidden' }) })) } },
    })
    const definition = { ...toyDefinition, machine, contextSchema: z.any() }
    const now = { wallMs: 0, monoMs: 0, bootId: 'b' }
    const started = planStart(definition, 'x', {}, now, new Map())
    if (!started.ok) throw new Error(started.reason)
    const before = {
      snapshot: started.snapshot,
      status: 'active' as const,
      seq: 1,
      entries: 0,
      effects: [],
      timers: [],
    }
    expect(planTurn(definition, 'x', before, { type: 'S' }, now, new Map())).toEqual({
      ok: false,
      reason: 'child hidden was spawned; the durable profile has only invoke',
    })
  })
})

describe('the registry', () => {
  const work = workEffect(async () => '')
  const note = noteEffect(async () => {})

  it('names effects that nobody offers, and takes reserved actions and assigns for none', () => {
    expect(() => createRegistry([toyDefinition], [])).toThrow(
      'machine toy asks for effect work, which is not registered; machine toy asks for effect note, which is not registered',
    )
    expect([...createRegistry([toyDefinition], [work, note]).effects.keys()]).toEqual(['work', 'note'])
  })

  it('refuses two of one name', () => {
    expect(() => createRegistry([toyDefinition, { ...toyDefinition }], [work, note])).toThrow(
      /registered twice/,
    )
    expect(() => createRegistry([toyDefinition], [work, note, workEffect(async () => '')])).toThrow(
      /effect work/,
    )
  })
})

describe('definitionHash', () => {
  const base = () => ({
    id: 'm',
    initial: 'a',
    states: { a: { on: { E: { target: 'b', guard: 'may' } }, after: { 5: 'b' } }, b: { entry: 'note' } },
  })
  const hash = (config: object) => definitionHash(createMachine(config as never))

  it('is the same for the same definition, whoever makes it', () => {
    expect(hash(base())).toBe(hash(base()))
    expect(definitionHash(toyMachine, ToyContext)).toBe(definitionHash(toyMachine, ToyContext))
  })

  it.each<[string, (config: ReturnType<typeof base>) => object]>([
    ['a state', (config) => ({ ...config, states: { ...config.states, c: {} } })],
    [
      'a target',
      (config) => ({
        ...config,
        states: { ...config.states, a: { on: { E: { target: 'a', guard: 'may' } }, after: { 5: 'b' } } },
      }),
    ],
    [
      'a guard',
      (config) => ({
        ...config,
        states: { ...config.states, a: { on: { E: { target: 'b', guard: 'must' } }, after: { 5: 'b' } } },
      }),
    ],
    [
      'a delay',
      (config) => ({
        ...config,
        states: { ...config.states, a: { on: { E: { target: 'b', guard: 'may' } }, after: { 6: 'b' } } },
      }),
    ],
    ['an action', (config) => ({ ...config, states: { ...config.states, b: { entry: 'tell' } } })],
    [
      'an invoke',
      (config) => ({ ...config, states: { ...config.states, b: { entry: 'note', invoke: { src: 'w' } } } }),
    ],
  ])('differs with %s', (_, change) => {
    expect(hash(change(base()))).not.toBe(hash(base()))
  })

  it('differs with the context where a schema is given', () => {
    expect(definitionHash(toyMachine, ToyContext)).not.toBe(
      definitionHash(toyMachine, ToyContext.extend({ more: z.null() })),
    )
  })
})
