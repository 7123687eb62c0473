import type { Row } from './row.ts'

/** Rows as lines: verdict, name, figure, budget; below each what else was seen. */
export const formatTable = (rows: readonly Row[]): string =>
  rows
    .flatMap(({ name, budget, measured, unit, verdict, details }) => [
      `${verdict.toUpperCase().padEnd(13)}${name.padEnd(22)}${figure(measured, unit).padEnd(18)}  ${budget}`,
      ...Object.entries(details).map(([what, value]) => `${' '.repeat(13)}  ${what}: ${value}`),
    ])
    .join('\n')

const figure = (measured: number | null, unit: string): string =>
  measured === null ? '—' : `${measured} ${unit}`
