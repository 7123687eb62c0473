import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Canaries, plantCanaries } from '../../support/canaries.ts'
import { byWay, WAYS, waysScript } from '../../support/hostile-ways.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { withSandbox } from '../../support/with-sandbox.ts'
import { inside } from './enter.ts'

/** Those that are tried without walls too. */
const REAL = WAYS.filter(({ finds }) => finds !== null)

withSandbox('a hostile program in the sandbox', () => {
  let planted: Canaries
  let outside: Map<string, string>
  let within: Map<string, string>
  let output: string
  beforeAll(async () => {
    planted = await plantCanaries(makeTempDir('canaries'))
    const dir = makeTempDir('outside')
    const script = join(dir, 'ways.sh')
    writeFileSync(script, waysScript(REAL))
    outside = byWay(await runOutside(script, dir, planted))
    const sandboxDir = makeTempDir('sandbox')
    mkdirSync(join(sandboxDir, 'workspace'))
    writeFileSync(join(sandboxDir, 'workspace', 'ways.sh'), waysScript())
    // With a network, so that there is a proxy to try.
    const run = await inside(['sh', './ways.sh'], {
      dir: sandboxDir,
      env: planted.env,
      world: { network: ['example.com'] },
    }).ended
    expect(run).toMatchObject({ code: 0, signal: null })
    output = run.stdout + run.stderr
    within = byWay(output)
  }, 120_000)
  afterAll(() => planted.close())

  test.each(REAL.map(({ name, finds }) => [name, finds] as const))(
    'without walls, %s finds %s',
    (name, asset) => expect(outside.get(name)).toContain(planted.values[asset as never]),
  )

  test.each(WAYS.map(({ name }) => name))('%s finds nothing', (name) => {
    const said = within.get(name)
    expect(said).toBeDefined()
    for (const value of Object.values(planted.values)) expect(said).not.toContain(value)
  })

  test('nothing of this machine comes out by any other way', () => {
    expect(output).not.toMatch(/CANARY-[a-z]+-[0-9a-f]/)
    // Hashes of passwords, private keys, the namespace it must not make.
    expect(output).not.toMatch(/\$(6|y|2b)\$|PRIVATE KEY|uid=0\(root\).*unshare/)
  })

  test('nothing was sent, written or killed', () => {
    expect(planted.stolen).toEqual([])
    expect(planted.victim.exitCode).toBeNull()
    expect(planted.victim.signalCode).toBeNull()
    const found = execFileSync(
      'sh',
      [
        '-c',
        `grep -rl STOLEN "$@" /etc/profile.d /usr/local/bin/stolen /dev/shm ${dirname(process.execPath)}/stolen 2>/dev/null; true`,
        'sh',
        planted.person,
        planted.state,
        planted.otherTmp,
      ],
      { encoding: 'utf8' },
    )
    expect(found).toBe('')
    expect(readFileSync(join(planted.state, 'journal.db'), 'utf8')).toBe(`${planted.values.journal}\n`)
  })
})

/** Its output goes to a file: a pipe would be waited for as long as anybody holds it. */
const runOutside = async (script: string, cwd: string, { env }: Canaries): Promise<string> => {
  const file = join(cwd, 'output')
  const output = openSync(file, 'w')
  const child = spawn('sh', [script], {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: cwd, ...env },
    stdio: ['ignore', output, output],
    timeout: 60_000,
  })
  await once(child, 'exit')
  closeSync(output)
  return readFileSync(file, 'utf8')
}
