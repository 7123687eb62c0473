import { z } from 'zod'
import { say } from '../explain-issue.ts'

/** The name of a map's entry (repository, agent, service, operator): `Key` of the contracts, with words for people. */
export const key = () =>
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
      error: () =>
        say(
          'is not a name we take',
          'write lower-case letters, digits and hyphens, 40 at most, as in api-server',
        ),
    })
    .meta({ title: 'name' })
