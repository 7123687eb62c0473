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
  })
  .prefault({})
