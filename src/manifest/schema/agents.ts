import { z } from 'zod'
import { Line } from '../../contracts/task.ts'
import { say } from '../explain-issue.ts'
import { argv, duration, env, envName, path } from './scalars.ts'

/** A secret by reference, and the variable the agent finds it in. */
const Auth = z
  .strictObject(
    {
      env: envName()
        .optional()
        .describe('Take the secret from this variable of the supervisor’s environment.'),
      file: path().optional().describe('Take the secret from this file, without its final line end.'),
      command: argv().optional().describe('Take the secret from what this program prints.'),
      as: envName()
        .optional()
        .describe(
          'The variable the agent finds it in. Needed with `file` and `command`; default for `env`: the same name.',
        ),
    },
    {
      error: (issue) =>
        typeof issue.input === 'string'
          ? say(
              'a secret is given by reference only',
              'write {env: NAME}, {file: PATH, as: NAME} or {command: [PROGRAM], as: NAME}',
            )
          : undefined,
    },
  )
  .refine(({ env, file, command }) => [env, file, command].filter((way) => way !== undefined).length === 1, {
    error: () => say('must name exactly one source', 'write one of env, file and command'),
  })
  .refine(({ env, as }) => env !== undefined || as !== undefined, {
    error: () => say('does not say which variable the agent reads', 'add as: NAME'),
  })

const common = {
  model: Line(200).nullable().default(null).describe('The model, as the agent’s own program names it.'),
  env: env().describe('Variables for the agent.'),
  timeout: duration({ minMs: 1000, maxMs: 7 * 86_400_000 })
    .default('1h')
    .describe('How long one attempt may take by the wall clock.'),
  idle_timeout: duration({ minMs: 1000, maxMs: 7 * 86_400_000 })
    .nullable()
    .default(null)
    .describe('How long it may print nothing. Absent: only `timeout` ends it.'),
}

/** Runs any program as an agent. */
const CommandAgent = z.strictObject({
  type: z
    .literal('command')
    .describe('`command`: any program; `recorded`: replays recordings, for demos and tests.'),
  command: argv().describe(
    'The program and its arguments; a program path that begins with `.` or `~` is resolved.',
  ),
  prompt: z
    .enum(['stdin', 'file'])
    .default('stdin')
    .describe('How it gets the prompt: standard input, or a file its arguments name.'),
  auth: Auth.nullable().default(null).describe('The secret it needs.'),
  ...common,
})

/** Replays recordings, and says so in every record. */
const RecordedAgent = z.strictObject({
  type: z.literal('recorded'),
  recordings: path().describe('The folder of recordings.'),
  ...common,
})

export const Agent = z.discriminatedUnion('type', [CommandAgent, RecordedAgent])
