import { z } from 'zod'
import { argv, duration, env, path } from './scalars.ts'

const url = () => z.url({ protocol: /^https?$/ })
const within = () =>
  duration({ maxMs: 3_600_000 })
    .default('30s')
    .describe('How long that may take; then it is ended, and has failed.')

const READY_TYPE = 'Whether a file or an address says that it is ready.'
const LIVENESS_TYPE = 'Whether an address or a program is asked.'

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
    .union([
      z.enum(['spawn', 'exit']),
      z.strictObject({
        type: z.literal('file').describe(READY_TYPE),
        path: path().describe(
          'A file that it writes once it is ready; one from before this start does not count.',
        ),
        within: within(),
      }),
      z.strictObject({
        type: z.literal('http').describe(READY_TYPE),
        url: url().describe('An address that answers 2xx.'),
        within: within(),
      }),
    ])
    .default('spawn')
    .describe(
      'When it counts as ready: once it runs, once it has exited 0 (for preparations), once a file is there, or once an address answers.',
    ),
  liveness: z
    .union([
      z.literal('identity'),
      z.strictObject({
        type: z.literal('http').describe(LIVENESS_TYPE),
        url: url().describe('An address that answers 2xx as long as it is well.'),
      }),
      z.strictObject({
        type: z.literal('exec').describe(LIVENESS_TYPE),
        command: argv().describe(
          'A program that exits 0 as long as it is well, run in the manifest’s folder.',
        ),
      }),
    ])
    .default('identity')
    .describe(
      'What proves that it is alive: that its process is there, or also an answer every `supervision.probe.every`.',
    ),
  stop_timeout: duration({ minMs: 0, maxMs: 3_600_000 })
    .default('10s')
    .describe('How long it may take to end after SIGTERM, before SIGKILL.'),
  env: env().describe('Variables for the service.'),
})
