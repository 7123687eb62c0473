import type { AnyStateMachine } from 'xstate'
import type { z } from 'zod'
import { GateContext, GateEvent, GateInput } from './gate-context.ts'
import { GATE_VERSION, gateMachine } from './gate-machine.ts'
import type { gained } from './migrate-context.ts'
import { ReviewContext, ReviewInput } from './review-context.ts'
import { ReviewEvent } from './review-events.ts'
import { REVIEW_VERSION, reviewMachine } from './review-machine.ts'
import { REVIEW_MIGRATIONS } from './review-migrations.ts'
import { TaskContext, TaskInput } from './task-context.ts'
import { TaskEvent } from './task-events.ts'
import { TASK_VERSION, taskMachine } from './task-machine.ts'
import { TASK_MIGRATIONS } from './task-migrations.ts'

/** One durable machine and everything its host has to know of it. */
export interface DurableMachine {
  readonly name: string
  readonly machine: AnyStateMachine
  /** Stored beside every snapshot; another version needs a migration. */
  readonly version: number
  /** Of a start's input, stamp included. */
  readonly inputSchema: z.ZodType
  readonly contextSchema: z.ZodType
  /** Of the events other actors and people send, before the host stamps them. */
  readonly eventSchema: z.ZodType
  /** `migrations[n]` lifts what version n stored to n + 1; pure. */
  readonly migrations?: Readonly<Record<number, ReturnType<typeof gained>>>
}

/** The durable machines by the name under which they are started and stored. */
export const DURABLE_MACHINES = {
  task: {
    name: 'task',
    machine: taskMachine,
    version: TASK_VERSION,
    inputSchema: TaskInput,
    contextSchema: TaskContext,
    eventSchema: TaskEvent,
    migrations: TASK_MIGRATIONS,
  },
  review: {
    name: 'review',
    machine: reviewMachine,
    version: REVIEW_VERSION,
    inputSchema: ReviewInput,
    contextSchema: ReviewContext,
    eventSchema: ReviewEvent,
    migrations: REVIEW_MIGRATIONS,
  },
  gate: {
    name: 'gate',
    machine: gateMachine,
    version: GATE_VERSION,
    inputSchema: GateInput,
    contextSchema: GateContext,
    eventSchema: GateEvent,
  },
} as const satisfies Record<string, DurableMachine>
