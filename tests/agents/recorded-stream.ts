import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentStreams } from '../../src/agents/agent-type.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/streams')

/** Writes what an agent left as its keeper would have kept it. */
export const streamsOf = (stdout: string, stderr = ''): AgentStreams => {
  const dir = makeTempDir('stream')
  const streams = { stdout: { file: join(dir, 'out') }, stderr: { file: join(dir, 'err') } }
  writeFileSync(streams.stdout.file, stdout)
  writeFileSync(streams.stderr.file, stderr)
  return streams
}

/**
 * A recorded stream of `tests/fixtures/streams`, `claude/success.ndjson` say. In a template each `{{name}}` is replaced,
 * as JSON writes it inside a string.
 */
export const recordedStream = (file: string, values: Readonly<Record<string, string>> = {}): string =>
  readFileSync(join(FIXTURES, file), 'utf8').replace(/\{\{(\w+)\}\}/g, (_whole, name: string) =>
    JSON.stringify(values[name] ?? '').slice(1, -1),
  )
