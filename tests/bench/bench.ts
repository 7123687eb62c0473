/**
 * `npm run bench -- [NAME…] [--json] [--quick]`: measures every budget of docs/performance.md against the built product,
 * with its peers beside it in the same run. Exit 1 when a budget is missed or could not be measured, 2 for a wrong argument.
 */
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { adoption } from './adoption.ts'
import { claim } from './claim.ts'
import { journal } from './journal.ts'
import { ready } from './ready.ts'
import { restart } from './restart.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { formatTable } from './support/format-table.ts'
import type { Measurement, Row } from './support/row.ts'
import { makeScope, type Scope } from './support/scope.ts'
import { task } from './task.ts'
import { tree } from './tree.ts'

const MEASUREMENTS: readonly Measurement[] = [
  restart,
  tree,
  status,
  stop,
  adoption,
  task,
  claim,
  journal,
  ready,
]
const LONGEST_MS = 90_000
const LONGEST_IN_ALL_MS = 300_000

const main = async (): Promise<number> => {
  const parsed = readArguments()
  if (typeof parsed === 'string') {
    process.stderr.write(`bench: ${parsed}\n`)
    return 2
  }
  const shared = makeScope('shared')
  const endOnSignal = (): void => void endAll().finally(() => process.exit(130))
  process.on('SIGINT', endOnSignal).on('SIGTERM', endOnSignal)
  scopes.add(shared)
  const beganMs = performance.now()
  const rows: Row[] = []
  try {
    for (const measurement of parsed.chosen) {
      const leftMs = LONGEST_IN_ALL_MS - (performance.now() - beganMs)
      const taken = await measure(measurement, shared, parsed.quick, Math.min(LONGEST_MS, leftMs))
      if (!parsed.json) process.stdout.write(`${formatTable(taken)}\n`)
      rows.push(...taken)
    }
  } finally {
    await endAll()
  }
  const seconds = Math.round((performance.now() - beganMs) / 1_000)
  const [load = 0] = loadavg()
  const world = {
    node: process.versions.node,
    cores: availableParallelism(),
    load: Number(load.toFixed(1)),
    seconds,
  }
  process.stdout.write(
    parsed.json
      ? `${JSON.stringify({ ...world, quick: parsed.quick, rows }, null, 2)}\n`
      : `Node ${world.node}, ${world.cores} cores, load ${world.load} at the end, ${seconds} s\n`,
  )
  return rows.every(({ verdict }) => verdict === 'met') ? 0 : 1
}

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
    })
    const names = MEASUREMENTS.map(({ name }) => name)
    const unknown = positionals.find((name) => !names.includes(name))
    if (unknown !== undefined) return `no measurement is called ${unknown}; there are ${names.join(', ')}`
    const chosen = MEASUREMENTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return { ...values, chosen }
  } catch (error) {
    return (error as Error).message
  }
}

/** Everything that must end with us. */
const scopes = new Set<Scope>()

const endAll = async (): Promise<void> => {
  for (const scope of scopes) await scope.end()
  scopes.clear()
}

/** Rows of one measurement; one that fails or takes too long is a row that says so, and whatever it started is ended. */
const measure = async (
  { name, about, run }: Measurement,
  shared: Scope,
  quick: boolean,
  withinMs: number,
): Promise<readonly Row[]> => {
  const scope = makeScope(name)
  scopes.add(scope)
  const over = new AbortController()
  try {
    return await Promise.race([run({ quick, scope, shared }), tooLate(withinMs, over.signal)])
  } catch (error) {
    const why = (error as Error).message
    return [{ name, budget: about, measured: null, unit: '', verdict: 'not measured', details: { why } }]
  } finally {
    over.abort()
    await scope.end()
    scopes.delete(scope)
  }
}

const tooLate = async (withinMs: number, signal: AbortSignal): Promise<never> => {
  await sleep(Math.max(0, withinMs), null, { signal })
  throw new Error(`not done within ${Math.round(withinMs / 1_000)} s`)
}

process.exitCode = await main()
// A measurement that was given up may still wait for something; everything it started has ended.
process.exit()
