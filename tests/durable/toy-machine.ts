import { assign, fromPromise, setup } from 'xstate'
import { z } from 'zod'
import { Failure } from '../../src/contracts/failure.ts'
import { defineEffect, type EffectDefinition } from '../../src/durable/effect.ts'

export const ToyContext = z.object({
  n: z.number().int(),
  at: z.number(),
  result: z.string().nullable(),
  failure: Failure.nullable(),
})

const ToyEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('GO'), n: z.number().optional() }),
  z.object({ type: z.literal('AGAIN') }),
  z.object({ type: z.literal('STOP') }),
  z.object({ type: z.literal('FINISH') }),
  z.object({ type: z.literal('THROW') }),
  z.object({ type: z.literal('SPOIL') }),
  z.object({ type: z.literal('TELL'), to: z.string() }),
  z.object({ type: z.literal('HIRE'), id: z.string() }),
])

const nowOf = (event: object): number => (event as { nowMs: number }).nowMs

/** A small machine that uses everything the durable profile allows. */
export const toyMachine = setup({
  types: {
    context: {} as z.infer<typeof ToyContext>,
    input: {} as { n: number; nowMs?: number },
    events: {} as z.infer<typeof ToyEvent>,
  },
  actors: { work: fromPromise<string, { n: number }>(() => Promise.reject(new Error('never run here'))) },
  actions: {
    note: (_, _params: { text: string }) => {},
    send: (_, _params: object) => {},
    startActor: (_, _params: object) => {},
    explode: assign(() => {
      throw new Error('the action threw')
    }),
    spoil: assign({ n: () => 'not a number' as unknown as number }),
  },
}).createMachine({
  id: 'toy',
  context: ({ input }) => ({ n: input.n, at: input.nowMs ?? -1, result: null, failure: null }),
  initial: 'idle',
  on: {
    THROW: { actions: 'explode' },
    SPOIL: { actions: 'spoil' },
    TELL: {
      actions: { type: 'send', params: ({ event }) => ({ to: event.to, queue: 'q', event: { type: 'GO' } }) },
    },
    HIRE: {
      actions: {
        type: 'startActor',
        params: ({ event }) => ({ id: event.id, queue: 'q', machine: 'toy', input: { n: 7 } }),
      },
    },
  },
  states: {
    idle: { on: { GO: 'working' } },
    working: {
      entry: assign({ n: ({ context }) => context.n + 1, at: ({ event }) => nowOf(event) }),
      invoke: {
        id: 'work',
        src: 'work',
        input: ({ context }) => ({ n: context.n }),
        onDone: { target: 'waiting', actions: assign({ result: ({ event }) => event.output }) },
        onError: {
          target: 'idle',
          actions: assign({ failure: ({ event }) => event.error as z.infer<typeof Failure> }),
        },
      },
      after: { 60000: 'idle' },
      on: { AGAIN: { target: 'working', reenter: true }, STOP: 'idle' },
    },
    waiting: {
      entry: { type: 'note', params: ({ context }) => ({ text: `worked ${context.n}` }) },
      on: { FINISH: 'finished', GO: 'working' },
    },
    finished: { type: 'final' },
  },
})

export const toyDefinition = {
  name: 'toy',
  version: 1,
  machine: toyMachine,
  contextSchema: ToyContext,
  eventSchema: ToyEvent,
}

const region = (id: string) =>
  ({
    initial: 'busy',
    states: {
      busy: {
        invoke: { id, src: 'work', input: { n: 0 }, onDone: 'ready', onError: '#pair.failed' },
      },
      ready: { type: 'final' },
    },
  }) as const

/** Two effects at once; either failing ends both. */
const pairMachine = setup({
  types: { events: {} as { type: 'RESTART' } },
  actors: { work: fromPromise<string, { n: number }>(() => Promise.reject(new Error('never run here'))) },
}).createMachine({
  id: 'pair',
  initial: 'both',
  states: {
    both: {
      type: 'parallel',
      states: { left: region('left'), right: region('right') },
      onDone: 'finished',
      on: { RESTART: { target: 'both', reenter: true } },
    },
    failed: {},
    finished: { type: 'final' },
  },
})

export const pairDefinition = {
  name: 'pair',
  version: 1,
  machine: pairMachine,
  contextSchema: z.object({}),
  eventSchema: z.object({ type: z.literal('RESTART') }),
}

const NOTE = { input: z.object({ text: z.string() }), output: z.null() }
const WORK = { input: z.object({ n: z.number() }), output: z.string() }

export const workEffect = (
  perform: EffectDefinition<typeof WORK.input, typeof WORK.output>['perform'],
  reconcile: EffectDefinition<typeof WORK.input, typeof WORK.output>['reconcile'] = async () => ({
    happened: false,
  }),
) => defineEffect({ name: 'work', ...WORK, perform, reconcile })

export const noteEffect = (
  perform: (text: string, effectId: string) => Promise<void>,
  reconcile: EffectDefinition<typeof NOTE.input, typeof NOTE.output>['reconcile'] = async () => ({
    happened: false,
  }),
) =>
  defineEffect({
    name: 'note',
    ...NOTE,
    perform: async (context, { text }) => {
      await perform(text, context.effectId)
      return null
    },
    reconcile,
  })
