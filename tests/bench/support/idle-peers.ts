import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildSpec } from '../../../src/contracts/child-spec.ts'
import { builtFile } from './built.ts'
import type { Scope } from './scope.ts'

const PROGRAMS = join(import.meta.dirname, '../programs')

/**
 * What a page of memory costs that was left alone for a second, and one that was not, in µs. On
 * hardware the two are near each other; a virtual machine whose host takes idle pages away pays for each of them, and
 * then every process that wakes once in a while costs a multiple of what it does.
 */
export const pageCosts = async (scope: Scope): Promise<{ coldUs: number; warmUs: number }> =>
  saidBy(scope, [join(PROGRAMS, 'touch-pages.mjs')], 'touch-pages.log')

/** What a supervisor of these children does in ten idle minutes, done without waiting, in % of a core of those ten minutes. */
export const idleWorkPercent = async (scope: Scope, specs: readonly ChildSpec[]): Promise<number> => {
  const config = join(scope.folder('leaping'), 'supervisor.json')
  writeFileSync(
    config,
    JSON.stringify({
      module: builtFile('supervisor/supervisor.ts'),
      layoutModule: builtFile('src/platform/state-layout.ts'),
      clockModule: builtFile('src/platform/clock.ts'),
      stateDir: join(scope.folder('leaping'), 'state'),
      ...{ specs, groups: [], seconds: 600 },
    }),
  )
  const said = await saidBy<{ percent: number }>(
    scope,
    [join(PROGRAMS, 'leaping-supervisor.mjs'), config],
    'leaping.log',
  )
  return said.percent
}

/** The one line of JSON that a program of ours prints. @throws Error with all it printed instead. */
const saidBy = async <Said>(scope: Scope, argv: readonly string[], log: string): Promise<Said> => {
  const started = scope.node(argv, { log })
  const { code } = await started.ended
  const said = readFileSync(started.log, 'utf8')
  if (code !== 0) throw new Error(`${argv[0]} ended with ${code}: ${said}`)
  return JSON.parse(said) as Said
}
