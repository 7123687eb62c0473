import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { operatorsFromKeys } from '../../src/gates/operators-from-keys.ts'
import { type LoadPorts, loadManifest } from '../../src/manifest/load-manifest.ts'
import { type ManifestEvent, type ManifestWatch, watchManifest } from '../../src/manifest/watch-manifest.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { contradictions } from '../../src/policy/contradictions.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { testContext } from './compile-text.ts'

const { agentTypes } = testContext()
const ports: LoadPorts = {
  environment: { HOME: '/home/ada' },
  sandbox: () => ({ ok: true }),
  agentTypes,
  operatorsFromKeys,
  contradictions,
}
const HEAD = 'version: 1\nname: a\nsandbox: off\n'
let watch: ManifestWatch | null = null

const start = async (text: string) => {
  const path = join(makeTempDir('watch'), 'oc.yaml')
  writeFileSync(path, text)
  const loaded = loadManifest(path, ports)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const events: ManifestEvent[] = []
  const started = watchManifest(loaded.manifest, {
    ports,
    clock: systemClock,
    onEvent: (event) => events.push(event),
  })
  watch = started
  await started.ready
  return { path, events, watch: started }
}

afterEach(async () => {
  await watch?.close()
  watch = null
})

describe('watchManifest', () => {
  test('an edit is told, with what changed', async () => {
    const { path, events, watch } = await start(HEAD)
    writeFileSync(path, `${HEAD}limits: {concurrency: 2}\n`)
    await until(() => events.length === 1)
    expect(events[0]).toMatchObject({
      type: 'changed',
      diff: { reloadable: [{ key: 'limits.concurrency', before: 4, after: 2 }], forbidden: [] },
    })
    expect(watch.current().limits.concurrency).toBe(2)
  })

  test('a file that is replaced, as editors do, is still watched', async () => {
    const { path, events } = await start(HEAD)
    for (const concurrency of [2, 3, 5]) {
      const before = events.length
      writeFileSync(`${path}.new`, `${HEAD}limits: {concurrency: ${concurrency}}\n`)
      renameSync(`${path}.new`, path)
      await until(() => events.length > before, { what: `the replacement with ${concurrency}` })
    }
    expect(events.map((event) => event.type)).toEqual(['changed', 'changed', 'changed'])
  })

  test('a broken file changes nothing, is told once, and mending it is told', async () => {
    const { path, events, watch } = await start(`${HEAD}limits: {concurrency: 2}\n`)
    const good = watch.current()
    writeFileSync(path, `${HEAD}limits: {concurency: 3}\n`)
    watch.refresh()
    watch.refresh()
    expect(events).toMatchObject([{ type: 'refused', problems: [{ line: 4, key: 'limits.concurency' }] }])
    expect(watch.current()).toBe(good)
    writeFileSync(path, `${HEAD}limits: {concurrency: 2} # as before\n`)
    watch.refresh()
    expect(events[1]).toMatchObject({ type: 'changed', diff: { reloadable: [], forbidden: [] } })
    expect(events).toHaveLength(2)
  })

  test('a file that goes away changes nothing', async () => {
    const { path, events, watch } = await start(HEAD)
    rmSync(path)
    watch.refresh()
    expect(events).toMatchObject([
      { type: 'refused', problems: [{ message: expect.stringContaining('no such file') }] },
    ])
    expect(watch.current().name).toBe('a')
  })

  test('what is never reloaded waits, the rest is taken over', async () => {
    const { path, events, watch } = await start(HEAD)
    writeFileSync(path, `${HEAD}limits: {concurrency: 2}\npolicy: {max_changed_files: 1}\n`)
    watch.refresh()
    expect(events).toMatchObject([{ diff: { forbidden: [{ key: 'policy.max_changed_files' }] } }])
    expect(watch.current()).toMatchObject({ limits: { concurrency: 2 }, policy: { maxChangedFiles: null } })
    watch.refresh()
    expect(events).toHaveLength(1)
  })

  test('a mixture that nobody wrote must hold as well', async () => {
    const { path, events, watch } = await start(HEAD)
    const rest =
      'agents: {a: {type: command, command: [x]}}\nlanes: {goal: {agent: a}}\nrepos: {r: {url: /r}}\n'
    writeFileSync(path, `${HEAD}gates: {signing: optional}\n${rest}`)
    watch.refresh()
    expect(events).toMatchObject([{ type: 'refused' }])
    expect(JSON.stringify(events)).toMatch(/as long as gates\.signing waits for a restart/)
    expect(watch.current().lanes).toEqual({})
  })

  test('a comment is no change', async () => {
    const { path, events, watch } = await start(HEAD)
    writeFileSync(path, `${HEAD}# hello\n`)
    watch.refresh()
    expect(events).toEqual([])
  })
})

describe('loadManifest', () => {
  test.each([
    ['nothing', (): void => {}, /no such file/],
    [
      'Latin-1',
      (path: string): void => writeFileSync(path, Buffer.from('name: "\xe9"\n', 'latin1')),
      /not UTF-8/,
    ],
    [
      'a large file',
      (path: string): void => writeFileSync(path, Buffer.alloc(2 ** 20 + 1, 0x20)),
      /more than 1 MiB/,
    ],
  ])('%s is a problem, not an exception', (_name, make, said) => {
    const path = join(makeTempDir('load'), 'oc.yaml')
    make(path)
    const result = loadManifest(path, ports)
    expect(result).toMatchObject({ ok: false, problems: [{ file: path, line: 1, column: 1 }] })
    expect(JSON.stringify(result)).toMatch(said)
  })

  test('a folder is not a manifest', () => {
    expect(JSON.stringify(loadManifest(makeTempDir('load'), ports))).toMatch(/not a regular file/)
  })
})
