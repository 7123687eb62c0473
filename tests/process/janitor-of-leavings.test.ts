import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GONE, janitor, manifest, WRITER } from './support/janitor.ts'
import { makeSystem } from './support/system.ts'

test('a HOME nested deeper than a path can say, and what setup said, are removed with the rest', async () => {
  const nest = `( cd "$HOME"; node -e "for (let i = 0; i < 2100; i++) { fs.mkdirSync('d'); process.chdir('d') }" )\ncase`
  const setUp = manifest(GONE).replace('app: {url', 'app: {setup: ["head -c 100000 /dev/zero"], url')
  const own = makeSystem(setUp, {}, { 'writer.sh': WRITER.replace('case', nest) })
  await own.addTask('Write a file', '--repo', 'app')
  expect((await own.run()).code).toBe(0)
  const said = readdirSync(join(own.layout.logs, 'setup'))
  expect(said.length).toBeGreaterThan(0)
  const report = await janitor(own)
  expect(report.kept).toEqual([])
  expect(report.removed.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['keeper', 'log', 'saved']))
  const logs = report.removed.filter(({ kind }) => kind === 'log')
  expect(logs.map(({ subject }) => subject).sort()).toEqual(said.map((name) => `setup/${name}`).sort())
  expect(readdirSync(join(own.layout.logs, 'setup'))).toEqual([])
  expect(readdirSync(join(own.layout.root, 'keepers'))).toEqual([])
}, 90_000)
