import { type Colour, paint } from './paint.ts'
import { manyLines, oneLine } from './visible.ts'

/** One cell; its text may be anybody's. */
export type Cell = string | { readonly text: string; readonly colour: Colour | null }

/** Rows in aligned columns under a head; every cell on one line, its control characters visible. */
export const formatTable = (head: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const all = [head.map((text): Cell => ({ text: text.toUpperCase(), colour: 'grey' })), ...rows]
  const lines = all.map((row) =>
    row.map((cell) => ({ text: clip(oneLine(textOf(cell))), colour: colourOf(cell) })),
  )
  const widths = head.map((_, column) => Math.max(...lines.map((row) => widthOf(row[column]?.text ?? ''))))
  return lines
    .map((row) =>
      row.map((cell, at) => align(cell, at === row.length - 1 ? 0 : (widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}

/** Named facts, one a line, values aligned; a value of several lines is indented under its first. */
export const formatFacts = (facts: readonly (readonly [name: string, value: Cell | null])[]): string => {
  const shown = facts.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]))
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  return shown
    .map(({ name, value }) => {
      const lines = manyLines(textOf(value)).split('\n')
      const text = lines.map((line) => paint(line, colourOf(value))).join(`\n${' '.repeat(width + 4)}`)
      return `  ${paint(name.padEnd(width), 'grey')}  ${text}`
    })
    .join('\n')
}

const LONGEST_CELL = 72

const clip = (text: string): string => {
  const characters = [...text]
  return characters.length <= LONGEST_CELL ? text : `${characters.slice(0, LONGEST_CELL - 1).join('')}…`
}

const align = ({ text, colour }: { text: string; colour: Colour | null }, width: number): string =>
  `${paint(text, colour)}${' '.repeat(Math.max(0, width - widthOf(text)))}`

const widthOf = (text: string): number => [...text].length
const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)
const colourOf = (cell: Cell): Colour | null => (typeof cell === 'string' ? null : cell.colour)
