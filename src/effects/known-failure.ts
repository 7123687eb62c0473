import { FailureClass } from '../contracts/failure.ts'
import { EffectFailure } from '../durable/effect.ts'

/**
 * Runs an adapter and turns an error that names its failure class (`failureClass`, as adapters' errors do) into the
 * failure the machine reads. Everything else passes through: a lost lease, a shutdown, a defect.
 */
export const knownFailure = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const named = FailureClass.safeParse((error as { failureClass?: unknown }).failureClass)
    if (!named.success) throw error
    throw new EffectFailure({ class: named.data, reason: (error as Error).message }, { cause: error })
  }
}
