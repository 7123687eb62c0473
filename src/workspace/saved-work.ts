import { z } from 'zod'
import { AttemptId, Sha } from '../contracts/ids.ts'

/** What was saved of one attempt, and what of it was left out; lies beside the objects in `saved.git`. */
export const SavedWork = z.object({
  v: z.literal(1),
  attemptId: AttemptId,
  savedAtMs: z.number().int().nonnegative(),
  /** The tree of all files, relative to the attempt's folder (the agent's clone is `tree/`). */
  files: Sha,
  fileCount: z.number().int().nonnegative(),
  repositories: z.array(
    z.object({
      /** Its git folder, relative to the attempt's folder, for people. */
      path: z.string(),
      /** The folder its files lie in: the parent of `.git`; null for a submodule's own. */
      workTree: z.string().nullable(),
      /** The branch HEAD was on, null where it was detached. */
      headRef: z.string().nullable(),
      /** Refs under `refs/saved/<attempt>/git/<n>/`, with what each must be. */
      refs: z.record(z.string(), Sha),
    }),
  ),
  /** Ignored paths beyond the size limit: not saved. */
  omitted: z.array(z.object({ path: z.string(), bytes: z.number().int().nonnegative() })),
  /** `.git` files and links, and pipes, sockets, devices: they hold no work of their own. */
  notContent: z.array(z.string()),
})
export type SavedWork = z.infer<typeof SavedWork>
