import type { Answer } from '../print/print-answer.ts'
import { formatTable } from '../print/print-table.ts'
import type { Kept, Removed } from './chore.ts'

/** What the janitor did, or would do: each thing with its reason and its bytes. */
export const formatReport = (report: {
  readonly isDry: boolean
  readonly removed: readonly Removed[]
  readonly kept: readonly Kept[]
}): Answer => {
  const { isDry, removed, kept } = report
  const bytes = removed.reduce((sum, item) => sum + item.bytes, 0)
  const verb = isDry ? 'would remove' : 'removed'
  const rows = removed.map(({ kind, subject, why, bytes: own }) => [kind, subject, why, sizeOf(own)])
  return {
    json: { dryRun: isDry, removed, kept, bytes },
    text: [
      ...(rows.length === 0 ? [] : [formatTable(['what', 'name', 'why', 'size'], rows).trimEnd()]),
      `${verb} ${removed.length} things, ${sizeOf(bytes)}`,
      ...kept.map(({ kind, subject, why }) => `kept ${kind} ${subject}: ${why}`),
    ].join('\n'),
  }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size for people: `3.4 MiB`. */
const sizeOf = (bytes: number): string => {
  const power = bytes === 0 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}
