import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { systemClock } from '../../platform/clock.ts'
import { runInPlace } from '../../platform/run-in-place.ts'
import { leanStream } from './lean-stream.ts'

/** How long what a program wrote last may take to arrive after its end; what it left behind may hold its output open. */
const LAST_WORDS_MS = 1_000

/** `node run-lean.ts PROGRAM ARGUMENTS…`: runs pi in place of this program, without the events that repeat everything. */
const main = async (argv: readonly string[]): Promise<number> => {
  if (argv.length === 0) {
    process.stderr.write('usage: run-lean PROGRAM [ARGUMENTS…]\n')
    return 2
  }
  let over: Promise<unknown> = Promise.resolve()
  const code = await runInPlace(argv, 'output', ({ stdout }) => {
    const take = leanStream((chunk) => writeAll(chunk), systemClock.monoMs)
    stdout?.on('data', take)
    if (stdout !== null) over = once(stdout, 'close')
  })
  await Promise.race([over, systemClock.sleep(LAST_WORDS_MS)])
  return code
}

/** Standard output is a file of our keeper's; elsewhere it may take only a part at a time. */
const writeAll = (chunk: Buffer): void => {
  for (let from = 0; from < chunk.length; ) from += writeSync(1, chunk, from)
}

process.exit(await main(process.argv.slice(2)))
