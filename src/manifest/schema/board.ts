import { z } from 'zod'
import { path } from './scalars.ts'

export const Board = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z
        .literal('local')
        .describe('Where tasks come from. `local`: our own store, filled by `task add` and `import`.'),
      import: path().nullable().default(null).describe('A YAML file of tasks, taken in when a run starts.'),
    }),
  ])
  .prefault({ type: 'local' })
