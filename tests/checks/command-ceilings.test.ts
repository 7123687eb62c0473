import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommandCeilings } from '../../src/checks/command-ceilings.ts'
import { runContained } from '../../src/checks/run-contained.ts'
import { bestContainment } from '../../src/platform/containment.ts'
import { newId } from '../../src/platform/random.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const NONE: CommandCeilings = { memoryBytes: null, processes: null, diskBytes: null }

const run = async (command: string, ceilings: Partial<CommandCeilings>) => {
  const dir = makeTempDir('ceilings')
  const [cwd, registrationsDir] = [join(dir, 'clone'), join(dir, 'registrations')]
  for (const folder of [cwd, registrationsDir]) mkdirSync(folder)
  const result = await runContained({
    ...{ command, cwd, home: join(dir, 'home'), env: {}, timeoutMs: 60_000 },
    ...{ ceilings: { ...NONE, ...ceilings }, containment: bestContainment(), sandbox: null },
    outputFile: join(dir, 'output.log'),
    process: { subject: 'ceilings', owner: newId('inc') as never, registrationsDir },
  })
  return { ...result, cwd }
}

// A look may come while it still takes more.
describe('a command of setup or checks that takes more than it may', () => {
  test.each([
    [
      'memory',
      `node -e "global.x = Buffer.alloc(300 * 2 ** 20, 1); setInterval(() => {}, 1000)"`,
      { memoryBytes: 200 * 2 ** 20 },
      /limits\.max_memory is 200 MiB, and it had [2-9]\d\d MiB, \d+ % more/,
    ],
    [
      'processes, by children of children too',
      'i=0; while [ $i -lt 20 ]; do (sleep 60 & sleep 60) & i=$((i+1)); done; wait',
      { processes: 15 },
      /limits\.max_processes is 15, and it had (1[6-9]|[2-9]\d), \d+ % more/,
    ],
    [
      'disk, in its clone and its HOME',
      'head -c 5000000 /dev/zero >here; head -c 5000000 /dev/zero >$HOME/there; sleep 60',
      { diskBytes: 8_000_000 },
      /limits\.max_disk is 8 MiB, and it had (8|9|10) MiB, \d+ % more/,
    ],
  ])(
    '%s: it is ended, has failed, and the reason says how far it went',
    async (_, command, ceilings, why) => {
      const { outcome, exitCode, excerpt } = await run(command, ceilings)
      expect({ outcome, exitCode }).toEqual({ outcome: 'failed', exitCode: null })
      expect(excerpt).toMatch(why)
    },
  )

  test('one below its ceilings, and one without any, go on to their end', async () => {
    const ceilings = { memoryBytes: 2 ** 40, processes: 100_000, diskBytes: 2 ** 40 }
    for (const own of [ceilings, NONE]) {
      const { outcome, cwd } = await run('sleep 1.3; touch done', own)
      expect(outcome).toBe('passed')
      expect(existsSync(join(cwd, 'done'))).toBe(true)
    }
  })
})
