import { z } from 'zod'
import { Line } from '../../contracts/task.ts'
import { say } from '../explain-issue.ts'
import { OwnBudget, ownConcurrency } from './budget.ts'
import { hosts } from './network.ts'
import { argv, count, duration, env, envName, path, size } from './scalars.ts'

const BY_REFERENCE = say(
  'a secret is given by reference only',
  'write inherit, {env: NAME}, {file: PATH, as: NAME} or {command: [PROGRAM], as: NAME}',
)

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
      error: (issue) => (typeof issue.input === 'string' ? BY_REFERENCE : undefined),
    },
  )
  .refine(({ env, file, command }) => [env, file, command].filter((way) => way !== undefined).length === 1, {
    error: () => say('must name exactly one source', 'write one of env, file and command'),
  })
  .refine(({ env, as }) => env !== undefined || as !== undefined, {
    error: () => say('does not say which variable the agent reads', 'add as: NAME'),
  })

const limit = () => duration({ minMs: 1000, maxMs: 7 * 86_400_000 })

/** Dollars for a million tokens. */
const Price = z.strictObject({
  input_usd: z.number().min(0).max(10_000).describe('US dollars for a million input tokens.'),
  cached_input_usd: z
    .number()
    .min(0)
    .max(10_000)
    .default(0)
    .describe('US dollars for a million input tokens that were cached.'),
  output_usd: z.number().min(0).max(10_000).describe('US dollars for a million output tokens.'),
})

/**
 * One agent profile. Every registered type takes the common keys; which of `command`, `prompt`, `recordings`, `auth`,
 * `base_url` and `max_turns` it takes, its type says (checked in compile-agents.ts).
 */
export const Agent = z.strictObject({
  type: z.string().min(1).max(40).describe('Which program it is; `oc-supervise agent list` names them.'),
  command: argv()
    .optional()
    .describe(
      'The program and its arguments; one that begins with `.` or `~` is resolved. Absent: the type’s own program, found on PATH.',
    ),
  prompt: z
    .enum(['stdin', 'file'])
    .optional()
    .describe('How `command` gets the prompt: standard input (default), or a file its arguments name.'),
  recordings: path().optional().describe('The folder of recordings that `recorded` replays.'),
  auth: z
    .union([z.literal('inherit', { error: () => BY_REFERENCE }), Auth])
    .optional()
    .describe('The secret it needs, or `inherit` to lend it the login its own program keeps in your HOME.'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where its model is served, in place of the provider’s own address.'),
  max_turns: count(1, 100_000)
    .optional()
    .describe('How many turns of the model one attempt may take. Absent: no limit of ours.'),
  model: Line(200).nullable().default(null).describe('The model, as the agent’s own program names it.'),
  env: env().describe('Variables for the agent.'),
  timeout: limit().default('1h').describe('How long one attempt may take by the wall clock.'),
  idle_timeout: limit()
    .nullable()
    .default(null)
    .describe('How long it may print nothing while no tool of it runs. Absent: only `timeout` ends it.'),
  boot_timeout: limit()
    .nullable()
    .default(null)
    .describe('How long until its first output. Absent: as `idle_timeout`.'),
  tool_timeout: limit()
    .nullable()
    .default(null)
    .describe('How long one tool call may take, for agents that tell of them. Absent: no limit of its own.'),
  max_tokens: count(1, 1_000_000_000)
    .nullable()
    .default(null)
    .describe('How many tokens one attempt may use, as it tells them while it runs. Absent: no limit.'),
  max_memory: size()
    .nullable()
    .default(null)
    .describe('How much memory its processes may take together. Absent: no limit.'),
  max_processes: count(1, 100_000)
    .nullable()
    .default(null)
    .describe('How many processes it may have at once. Absent: no limit.'),
  max_disk: size()
    .nullable()
    .default(null)
    .describe('How much its workspace and HOME may grow. Absent: no limit.'),
  progress_fuel: count(1, 100_000)
    .nullable()
    .default(null)
    .describe(
      'How many tool calls that bring nothing new it may make before it is stopped as `no_progress`. Absent: no limit.',
    ),
  price: Price.nullable()
    .default(null)
    .describe('What its tokens cost, for programs that do not tell dollars themselves.'),
  covered: z
    .boolean()
    .default(false)
    .describe('Whether a subscription pays: its dollars are then counted apart and use up no money.'),
  sandbox: z
    .union([
      z.literal('off'),
      z.strictObject({
        network: hosts().describe(
          'Hosts it may reach beside those its type needs, or beside `base_url`: `name`, `*.name`, each perhaps with `:port`.',
        ),
      }),
    ])
    .optional()
    .describe('For this agent alone: hosts it may reach, or `off`. Absent: as `sandbox` at the top.'),
  concurrency: ownConcurrency('it'),
  budget: OwnBudget,
})
