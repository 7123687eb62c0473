/** A disk that takes nothing: full, over quota, read-only or broken. */
const REFUSALS: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])

/**
 * Does a write that whoever watches over others must not end for.
 * @returns why the disk refused it; null where it took it.
 * @throws whatever else goes wrong.
 */
export const tryWrite = (write: () => void): string | null => {
  try {
    write()
    return null
  } catch (error) {
    if (!REFUSALS.has((error as NodeJS.ErrnoException).code)) throw error
    return (error as Error).message
  }
}
