import { z } from 'zod'
import { Agent } from './agents.ts'
import { Board } from './board.ts'
import { Breaker, Budget, MaintenanceWindows, Timezone } from './budget.ts'
import { Gates } from './gates.ts'
import { key } from './key.ts'
import { Lanes } from './lanes.ts'
import { Limits } from './limits.ts'
import { Policy } from './policy.ts'
import { Repo } from './repos.ts'
import { Retention } from './retention.ts'
import { duration, path } from './scalars.ts'
import { Service } from './services.ts'
import { Supervision } from './supervision.ts'

/**
 * The manifest as a person writes it: snake_case, durations and sizes as text. Parsing fills in every default but
 * converts nothing; `compileManifest` does. A key is here only if it changes what we do.
 */
export const Manifest = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  name: key().describe('The name of this installation; its state lies in `<state_dir>/<name>`.'),
  state_dir: path()
    .nullable()
    .default(null)
    .describe(
      'Where state is kept. Absent: `$XDG_STATE_HOME/oc-supervise`, else `~/.local/state/oc-supervise`.',
    ),
  repos: z.record(key(), Repo).default({}),
  board: Board,
  agents: z.record(key(), Agent).default({}),
  lanes: Lanes,
  services: z.record(key(), Service).default({}),
  policy: Policy,
  limits: Limits,
  budget: Budget,
  breaker: Breaker,
  timezone: Timezone,
  maintenance_windows: MaintenanceWindows,
  gates: Gates,
  sandbox: z
    .union([
      z.enum(['on', 'off']),
      z.strictObject({
        read: z
          .array(path())
          .max(100)
          .describe(
            'On, and these files and folders can be read inside beside the system’s own: toolchains in your HOME, data.',
          ),
      }),
    ])
    .default('on')
    .describe('Whether agents, setup and checks run in a sandbox.'),
  supervision: Supervision,
  retention: Retention,
  until_idle: z
    .strictObject({
      wait_for_people: duration({ minMs: 0 })
        .default('0s')
        .describe('How long `run --until-idle` waits for people when nothing else is left.'),
    })
    .prefault({}),
})

/** A manifest with every default in place. */
export type Manifest = z.infer<typeof Manifest>
