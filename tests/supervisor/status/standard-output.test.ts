import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { childRecord, makeTree } from './status-fixture.ts'

const PROGRAM = join(import.meta.dirname, 'status-cli.ts')

const shell = (script: string, dir: string) =>
  spawnSync('sh', ['-c', script, 'sh', process.execPath, PROGRAM, dir], { encoding: 'utf8', maxBuffer: 1e8 })

test('more than a pipe holds arrives whole, and nobody minds a reader that leaves', async () => {
  const { layout, lane, write } = await makeTree()
  const children = Array.from({ length: 500 }, (_each, n) => childRecord(lane.identity, { id: `child-${n}` }))
  write({ children })
  const whole = shell('"$1" "$2" --state-dir "$3" --json | { read -r line; printf %s "$line"; }', layout.root)
  expect(whole.stdout.length).toBeGreaterThan(100_000)
  expect(JSON.parse(whole.stdout).children).toHaveLength(500)
  const cut = shell('{ "$1" "$2" --state-dir "$3" --json; echo "exit $?" >&2; } | head -c 10', layout.root)
  expect(cut).toMatchObject({ stdout: '{"name":"a', stderr: 'exit 0\n' })
})
