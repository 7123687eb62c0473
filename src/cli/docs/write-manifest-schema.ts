/**
 * Writes what is generated from the manifest's zod schema: manifests/schema/manifest.schema.json and the table of keys
 * in docs/manifest.md. With `--check` it writes nothing and exits 1 where either is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { agentTypes } from '../../agents/agent-types.ts'
import { manifestJsonSchema } from '../../manifest/json-schema.ts'
import { keyRows, keyTable } from '../../manifest/key-table.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const SCHEMA = join(ROOT, 'manifests/schema/manifest.schema.json')
const PAGE = join(ROOT, 'docs/manifest.md')

const generate = (): ReadonlyArray<{ path: string; text: string }> => {
  const schema = manifestJsonSchema(agentTypes().map(({ type }) => type))
  const page = read(PAGE).replace(
    /(<!-- keys:.*-->\n)[\s\S]*(<!-- \/keys -->)/,
    (_whole, start: string, end: string) => `${start}\n${keyTable(keyRows(schema))}\n\n${end}`,
  )
  return [
    { path: SCHEMA, text: `${JSON.stringify(schema, null, 2)}\n` },
    { path: PAGE, text: page },
  ]
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const stale = generate().filter(({ path, text }) => read(path) !== text)
if (process.argv.includes('--check')) {
  for (const { path } of stale) {
    console.error(`${path} is stale; run node src/cli/docs/write-manifest-schema.ts`)
  }
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const { path, text } of stale) writeFileSync(path, text)
}
