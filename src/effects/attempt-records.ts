import { join } from 'node:path'
import type { StateLayout } from '../platform/state-layout.ts'

/** What we keep of one attempt beside its keeper's files: it outlives the workspace and goes into the evidence. */
export const attemptRecords = (layout: StateLayout, attempt: string) => {
  const dir = layout.keeperDir(attempt)
  return {
    dir,
    /** The prompt as the agent got it. */
    prompt: join(dir, 'prompt.md'),
    /** The agent's HOME. */
    home: join(dir, 'home'),
    /** What its HOME was lent; beside it, where the agent cannot write. */
    lentLogin: join(dir, 'lent-login.json'),
    /** The agent's temporary folder in the sandbox; gone after its run. */
    tmp: join(dir, 'tmp'),
    /** Our notes on its sandbox. */
    sandbox: join(dir, 'sandbox'),
    /** Base to commit, bounded. */
    patch: join(dir, 'work.patch'),
    /** Output of checks, one folder a commit. */
    checks: (sha: string) => join(dir, 'checks', sha),
  }
}
