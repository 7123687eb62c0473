/** Millionths of a dollar for people: cents, and more places only where a cent would hide all of it. */
export const formatUsd = (micros: number): string => {
  const usd = micros / 1_000_000
  return `$${micros > 0 && micros < 10_000 ? usd.toPrecision(2) : usd.toFixed(2)}`
}
