/** The value below which `share` (0 to 1) of all lie, by the nearest rank. NaN for none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const p90 = (values: readonly number[]): number => quantile(values, 0.9)

/** No comparison takes longer than this, in ms, however slow the machine is, once it has the fewest rounds. */
const LONGEST_MS = 20_000
const FEWEST_ROUNDS = 3

/**
 * Measures several things in turns, so that whatever else the machine does falls on all of them alike.
 * @returns what each measured, in the order of its turns.
 */
export const interleave = async <Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Record<Name, number[]>> => {
  const names = Object.keys(measures) as Name[]
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  const beganMs = performance.now()
  for (let round = 0; round < rounds; round += 1) {
    if (round >= FEWEST_ROUNDS && performance.now() - beganMs > LONGEST_MS) break
    // Each other round backwards: nobody always comes after the same neighbour.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      taken[name].push(await measures[name]())
    }
  }
  return taken
}

/** How long `work` takes, in ms. */
export const timeMs = async (work: () => unknown): Promise<number> => {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}
