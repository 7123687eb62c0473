import { z } from 'zod'
import { key } from './key.ts'
import { count, duration } from './scalars.ts'

/** What a lane has of its own for one repository; what is left out is as `lanes.LANE` says. */
const repoLane = () =>
  z
    .strictObject({
      agent: key()
        .optional()
        .describe('Does this lane’s work in this repository, in place of `lanes.LANE.agent`.'),
      fallback: z
        .array(key())
        .max(10)
        .optional()
        .describe('Stand in for it in this repository, in place of `lanes.LANE.fallback`.'),
      timeout: duration({ minMs: 1000, maxMs: 86_400_000 })
        .optional()
        .describe('How long one attempt may take in this repository, in place of the agent’s `timeout`.'),
      max_attempts: count(1, 20)
        .optional()
        .describe('The same as `lanes.LANE.max_attempts`, for this repository.'),
      retry_delay: duration({ minMs: 0 })
        .optional()
        .describe('The same as `lanes.LANE.retry_delay`, for this repository.'),
    })
    .optional()

/** Only lanes that run agents have something to override. */
export const RepoLanes = z
  .strictObject({ goal: repoLane(), test: repoLane(), improve: repoLane() })
  .prefault({})
