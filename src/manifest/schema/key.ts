import { z } from 'zod'
import { KEY_PATTERN } from '../../contracts/ids.ts'
import { say } from '../explain-issue.ts'

/** The name of a map's entry (repository, agent, service, operator): `Key` of the contracts, with words for people. */
export const key = () =>
  z
    .string()
    .regex(KEY_PATTERN, {
      error: () =>
        say(
          'is not a name we take',
          'write lower-case letters, digits and hyphens, 40 at most, as in api-server',
        ),
    })
    .meta({ title: 'name' })
