import type { Scope } from './scope.ts'

/** One line of the table: a budget, and what we measured against it. */
export interface Row {
  readonly name: string
  /** The budget as design §13 has it. */
  readonly budget: string
  /** Null where nothing could be measured. */
  readonly measured: number | null
  readonly unit: string
  readonly verdict: 'met' | 'missed' | 'not measured'
  /** What else was seen: peers, spreads, circumstances. */
  readonly details: Readonly<Record<string, number | string>>
}

/** What a measurement is handed. */
export interface Bench {
  /** Fewer repetitions and shorter windows: a minute for everything, and more noise. */
  readonly quick: boolean
  /** Lives as long as this measurement. */
  readonly scope: Scope
  /** Lives as long as the whole bench, for what several measurements use. */
  readonly shared: Scope
}

/** One file of this folder. */
export interface Measurement {
  readonly name: string
  /** What its rows measure, for a row that says it could not. */
  readonly about: string
  run(bench: Bench): Promise<readonly Row[]>
}

/** Judges a figure that must not be above (`atMost`) or below (`atLeast`) its limit. */
export const judge = (
  row: Pick<Row, 'name' | 'budget' | 'unit'> & {
    readonly measured: number
    readonly details?: Row['details']
  } & ({ readonly atMost: number } | { readonly atLeast: number }),
): Row => {
  const { name, budget, unit, measured, details = {} } = row
  const isMet = 'atMost' in row ? measured <= row.atMost : measured >= row.atLeast
  return { name, budget, measured: rounded(measured), unit, verdict: isMet ? 'met' : 'missed', details }
}

/** Three significant digits, whole numbers as they are: more would be noise. */
export const rounded = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
