import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { PutRecord } from '../../../src/contracts/store.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { built } from './built.ts'
import type { Scope } from './scope.ts'

/** How many events one transaction writes. */
const BATCH = 20_000
const STREAMS = 1_000

const openJournal = async (path: string) => {
  const { openJournal } = await built<typeof import('../../../src/durable/sqlite/journal.ts')>(
    'src/durable/sqlite/journal.ts',
  )
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const journal = await openJournal(path, systemClock)
  // Nobody minds losing what we can write again; the durability we measure is set by whoever opens it next.
  journal.prepare('PRAGMA synchronous = OFF').run()
  return journal
}

/**
 * A journal with so many events in a thousand streams, written by the product's own code; made once a bench, then copied
 * to `path`.
 */
export const journalOf = async (shared: Scope, events: number, path: string): Promise<void> => {
  const made = join(shared.folder('journals'), `${events}.db`)
  if (!existsSync(made)) await writeEvents(made, events)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  copyFileSync(made, path)
}

const writeEvents = async (path: string, events: number): Promise<void> => {
  const { appendEvent, headOf } = await built<typeof import('../../../src/durable/sqlite/append-event.ts')>(
    'src/durable/sqlite/append-event.ts',
  )
  const unfinished = `${path}.tmp`
  const journal = await openJournal(unfinished)
  for (let done = 0; done < events; done += BATCH) {
    await journal.write('bench:fill', () => {
      for (let n = done; n < Math.min(events, done + BATCH); n += 1) {
        const stream = `lane-${n % STREAMS}`
        const event = { stream, writer: 'inc-bench', type: 'turn', data: { n }, stateHash: '0'.repeat(64) }
        appendEvent(journal, event, headOf(journal, stream))
      }
    })
  }
  journal.close()
  renameSync(unfinished, path)
}

/** Puts so many records into a journal in one transaction: the product's own writes without a disk flush for each. */
export const fillRecords = async (
  path: string,
  count: number,
  recordOf: (index: number) => Omit<PutRecord, 'expectedVersion' | 'key' | 'fence' | 'event' | 'writer'>,
): Promise<void> => {
  const { writeRecord } = await built<typeof import('../../../src/durable/sqlite/write-record.ts')>(
    'src/durable/sqlite/write-record.ts',
  )
  const journal = await openJournal(path)
  await journal.write('bench:fill', () => {
    for (let index = 0; index < count; index += 1) {
      writeRecord(journal, { ...recordOf(index), event: 'task.added', writer: 'bench' }, 0)
    }
  })
  journal.close()
}
