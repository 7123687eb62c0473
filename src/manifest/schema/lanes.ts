import { z } from 'zod'
import type { LaneName } from '../../contracts/lane-name.ts'
import { OwnBudget } from './budget.ts'
import { key } from './key.ts'
import { count, duration } from './scalars.ts'

/** How often a lane looks by itself when nothing wakes it: most often where people wait most. */
const POLL_INTERVAL: Readonly<Record<LaneName, string>> = {
  goal: '30s',
  test: '60s',
  improve: '60s',
  propose: '120s',
  review: '60s',
}

const pollInterval = (name: LaneName) =>
  duration({ minMs: 100, maxMs: 86_400_000 })
    .default(POLL_INTERVAL[name])
    .describe(
      'How often it looks for work when nothing wakes it. Default: goal 30s, propose 120s, the others 60s.',
    )

/** A lane that runs agents on tasks of its kind. */
const taskLane = (name: LaneName) =>
  z
    .strictObject({
      agent: key()
        .nullable()
        .default(null)
        .describe('The agent that does its work, by its name under `agents`.'),
      fallback: z
        .array(key())
        .max(10)
        .default([])
        .describe(
          'Agents that take over, in this order, when the agent is out of quota, cannot log in or its model fails.',
        ),
      concurrency: count(1, 64).default(1).describe('How many attempts this lane runs at once.'),
      poll_interval: pollInterval(name),
      max_attempts: count(1, 20)
        .default(3)
        .describe('How many attempts that ended by themselves a task gets before it is Blocked.'),
      retry_delay: duration({ minMs: 0 })
        .default('1m')
        .describe('How long a task waits before its next attempt.'),
      budget: OwnBudget,
    })
    .optional()

/** A lane that runs no agent: `review` owns pull requests, `propose` writes tasks. */
const watchLane = (name: LaneName) => z.strictObject({ poll_interval: pollInterval(name) }).optional()

/** A lane that is not named is off. */
export const Lanes = z
  .strictObject({
    goal: taskLane('goal'),
    test: taskLane('test'),
    improve: taskLane('improve'),
    propose: watchLane('propose'),
    review: watchLane('review'),
  })
  .prefault({})
