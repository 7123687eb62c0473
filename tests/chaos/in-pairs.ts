/** How many rounds run side by side: one a core of the smallest machine that runs them. */
const AT_ONCE = 2

/** Runs `work` on every item, two at a time, in order; all of them, whatever becomes of one. */
export const inPairs = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const left = [...items]
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
