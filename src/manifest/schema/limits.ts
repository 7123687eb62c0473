import { z } from 'zod'
import { count, size } from './scalars.ts'

export const Limits = z
  .strictObject({
    concurrency: count(1, 256).default(4).describe('How many attempts all lanes together run at once.'),
    min_free_memory: size()
      .default('512MiB')
      .describe('Less available memory than this, and nothing new is claimed.'),
    min_free_disk: size()
      .default('1GiB')
      .describe('Less free disk than this where the state lies, and nothing new is claimed.'),
    max_memory: size()
      .nullable()
      .default(null)
      .describe(
        'How much memory one command of `setup` or `checks` may take, with all it starts. Absent: no limit.',
      ),
    max_processes: count(1, 100_000)
      .nullable()
      .default(null)
      .describe('How many processes one command of `setup` or `checks` may have at once. Absent: no limit.'),
    max_disk: size()
      .nullable()
      .default(null)
      .describe(
        'How much clone, HOME and /tmp may grow while one command of `setup` or `checks` runs. Absent: no limit.',
      ),
  })
  .prefault({})
