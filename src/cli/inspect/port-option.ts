import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/** The port that Stately's own receiver looks at when nothing else is said. */
export const DEFAULT_INSPECT_PORT = 8080

/** A parser for a port; 0 takes any free one. @throws UsageError naming the option. */
export const portOf =
  (option: string) =>
  (value: string): number => {
    const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
    if (port <= 65_535) return port
    throw new UsageError(`${option} ${quoted(value)} is not a port; write a whole number from 0 to 65535`)
  }
