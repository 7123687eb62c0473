import { systemClock } from '../../platform/clock.ts'
import { jsonReporter } from './json-reporter.ts'
import type { RunReporter } from './run-reporter.ts'
import { textReporter } from './text-reporter.ts'

/** The reporter a run prints with: lines for people, or one object at the end for programs. */
export const reporterFor = (json: boolean): RunReporter => {
  const write = (line: string): void => void process.stdout.write(`${line}\n`)
  return json ? jsonReporter(write) : textReporter(write, systemClock.monoMs(), systemClock.monoMs)
}
