import { closeSync, fstatSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { type StateLayout, stateLayout } from '../../src/platform/state-layout.ts'

/** Who a child is, as its supervisor told it. */
export interface ChildContext {
  readonly child: string
  readonly incarnation: IncarnationId
  readonly layout: StateLayout
  /** The key of its nonce answers; null where it was given none. */
  readonly secret: string | null
}

const Environment = z.object({
  OC_SUPERVISE_CHILD: z.string().min(1),
  OC_SUPERVISE_INCARNATION: IncarnationId,
  OC_SUPERVISE_STATE: z.string().min(1),
})

/** The descriptor on which the supervisor hands over the secret. */
const SECRET_FD = 3

/**
 * Reads what the supervisor handed to this process: names in the environment, the secret on descriptor 3, which is
 * closed at once so that nothing this child starts inherits it.
 * @throws Error naming the variable where the process was not started by a supervisor.
 */
export const readChildContext = (env: NodeJS.ProcessEnv): ChildContext => {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw new Error(
      `not started by a supervisor: ${names} missing or wrong; start it with \`oc-supervise run\``,
    )
  }
  const {
    OC_SUPERVISE_CHILD: child,
    OC_SUPERVISE_INCARNATION: incarnation,
    OC_SUPERVISE_STATE: state,
  } = parsed.data
  const layout = stateLayout(state)
  return {
    child,
    incarnation,
    layout,
    secret: readSecretFd() ?? readSecretFile(layout.probeSecret(incarnation)),
  }
}

/** Only a small regular file can be the secret: where none was handed over, the number may be anything of Node's own. */
const readSecretFd = (): string | null => {
  try {
    const found = fstatSync(SECRET_FD)
    if (!found.isFile() || found.size < 32 || found.size > 1024) return null
    const secret = readFileSync(SECRET_FD, 'utf8')
    closeSync(SECRET_FD)
    return secret
  } catch {
    return null
  }
}

const readSecretFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
