import { z } from 'zod'
import { argv, duration, env } from './scalars.ts'

export const Service = z.strictObject({
  command: argv().describe(
    'The program and its arguments; a program path that begins with `.` or `~` is resolved.',
  ),
  restart: z
    .enum(['always', 'on-failure', 'never'])
    .default('on-failure')
    .describe('When it is started again after it ended by itself.'),
  start: z
    .enum(['before_lanes', 'with_lanes'])
    .default('with_lanes')
    .describe('Whether the lanes wait for it.'),
  ready: z
    .enum(['spawn', 'exit'])
    .default('spawn')
    .describe('When it counts as ready: once it runs, or once it has exited 0 (for preparations).'),
  stop_timeout: duration({ minMs: 0, maxMs: 3_600_000 })
    .default('10s')
    .describe('How long it may take to end after SIGTERM, before SIGKILL.'),
  env: env().describe('Variables for the service.'),
})
