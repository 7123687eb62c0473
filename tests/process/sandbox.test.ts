import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Canaries, plantCanaries } from '../support/canaries.ts'
import { byWay, WAYS, waysScript } from '../support/hostile-ways.ts'
import { withSandbox } from '../support/with-sandbox.ts'
import { makeSystem, type System } from './support/system.ts'

const manifest = (env: string): string => `version: 1
name: walled
state_dir: state
repos:
  app:
    url: remote.git
    setup: [sh ./ways.sh >/tmp/said; cp /tmp/said said-by-setup.txt]
    checks: [grep -q mended src/app.txt, sh ./ways.sh]
    env: ${env}
    allowed_paths: ["src/**"]
    merge: auto
agents:
  hostile: {type: command, command: [./hostile.sh], timeout: 2m, auth: {env: AGENT_KEY}, env: ${env}}
lanes:
  goal: {agent: hostile, max_attempts: 1}
  review: {}
gates: {signing: optional}
`

/** Does its work, and all it can think of; what it found lies in the change, in its output and in its commit. */
const HOSTILE = `#!/bin/sh
cat >/tmp/prompt
sh ./ways.sh >/tmp/said 2>&1
cat /tmp/said
cat /tmp/said >&2
mkdir -p src
# Its own key in its work would be found before the push, and that is tested elsewhere.
sed 's/the-agents-own-key/OWN KEY/g' /tmp/said >src/stolen.txt
cat said-by-setup.txt >src/setup.txt
echo mended >src/app.txt
mkdir -p .git/hooks
for hook in post-commit post-checkout pre-push post-merge reference-transaction; do
  printf '#!/bin/sh\\ncat "$PERSON"/.ssh/id_* "$STATE"/keys/* >>%s/src/stolen.txt\\n' "$PWD" >.git/hooks/$hook
  chmod +x .git/hooks/$hook
done
git config core.fsmonitor "cat $PERSON/.netrc >>$PWD/src/stolen.txt"
git config core.hooksPath .git/hooks
`

withSandbox('a hostile repository in the whole tree', () => {
  let planted: Canaries
  let system: System
  let task: string
  let secrets: Record<string, string>
  beforeAll(async () => {
    system = makeSystem(
      'name: walled\n',
      { 'src/app.txt': 'broken\n', '.gitignore': 'tried\nsaid-by-setup.txt\n', 'ways.sh': waysScript() },
      { 'hostile.sh': HOSTILE },
    )
    planted = await plantCanaries(join(system.dir, 'planted'))
    // Our own state is what it looks for, not the planted one.
    const env = {
      ...planted.env,
      STATE: system.layout.root,
      OTHER: join(system.layout.workspaces, 'att-other'),
    }
    writeFileSync(system.manifest, manifest(JSON.stringify(env)))
    mkdirSync(env.OTHER, { recursive: true })
    writeFileSync(join(env.OTHER, 'secret.txt'), planted.values.neighbour)
    task = await system.addTask('Mend it', '--repo', 'app')
    const run = await system.run({
      env: { AGENT_KEY: 'the-agents-own-key', OURS: planted.values.environment },
    })
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 })
    expect(run.stdout).toContain('sandbox bubblewrap')
    secrets = { ...planted.values, key: instanceKey(system) }
  }, 180_000)
  afterAll(() => planted?.close())

  test('its work is done and merged', async () => {
    expect((await system.task(task)).state).toBe('Done')
    expect(system.show('src/app.txt')).toBe('mended')
  })

  test.each(['agent', 'setup', 'check'])('%s: every way was tried, and none found a secret', (who) => {
    const said =
      who === 'agent'
        ? system.show('src/stolen.txt')
        : who === 'setup'
          ? system.show('src/setup.txt')
          : checkLog(system)
    const ways = byWay(said ?? '')
    expect(ways.size).toBe(WAYS.length)
    for (const [name, found] of ways) {
      for (const value of Object.values(secrets)) expect(found, name).not.toContain(value)
    }
  })

  test('no secret stands in evidence, logs, diff, streams or remote', () => {
    const kept = [
      'runs',
      'logs',
      'keepers',
      'status.json',
      'supervisor.ndjson',
      'journal.db',
      'mirrors',
      'saved.git',
    ]
    const haystacks = [...kept.map((name) => join(system.layout.root, name)), system.repo.bare]
    for (const [name, value] of Object.entries(secrets)) expect(filesWith(value, haystacks), name).toEqual([])
    const objects = execFileSync('git', ['-C', system.repo.bare, 'log', '--all', '-p', '--no-color'], {
      encoding: 'utf8',
    })
    for (const value of Object.values(secrets)) expect(objects).not.toContain(value)
  })

  test('setup and checks had no credential', () => {
    expect(system.show('src/setup.txt')).not.toContain('the-agents-own-key')
    expect(checkLog(system)).not.toContain('the-agents-own-key')
  })

  test('nothing was sent, killed or left', () => {
    expect(planted.stolen).toEqual([])
    expect(planted.victim.signalCode).toBeNull()
    for (const attempt of readdirSync(system.layout.keepers)) {
      expect(readdirSync(system.layout.keeperDir(attempt))).not.toContain('tmp')
    }
  })

  test('status and attestation say which walls there were', async () => {
    const status = await system.oc(['status', '--json'])
    expect(JSON.parse(status.stdout)).toMatchObject({ sandbox: 'bubblewrap', gateTrust: 'sandboxed' })
    const [run = ''] = readdirSync(system.layout.runs)
    const attestations = filesNamed(join(system.layout.runs, run), 'attestation.json').map((file) => {
      const { payload } = JSON.parse(readFileSync(file, 'utf8'))
      return Buffer.from(payload, 'base64').toString('utf8')
    })
    // One of the attempt, one of the run.
    expect(attestations.length).toBe(2)
    for (const text of attestations) {
      expect(text).toContain('"sandbox":"bubblewrap"')
      expect(text).toContain('"gateTrust":"isolated"')
    }
  })
})

const instanceKey = ({ layout }: System): string => {
  const file = readdirSync(layout.keys).find((name) =>
    readFileSync(join(layout.keys, name), 'utf8').includes('PRIVATE'),
  )
  const lines = readFileSync(join(layout.keys, file ?? ''), 'utf8')
    .trim()
    .split('\n')
  return lines[1] as string
}

const checkLog = ({ layout }: System): string =>
  filesNamed(layout.keepers, /^2-.*\.log$/)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')

const filesNamed = (root: string, name: string | RegExp): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && (typeof name === 'string' ? entry.name === name : name.test(entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))

const filesWith = (value: string, roots: readonly string[]): string[] => {
  const found = spawnSync('grep', ['-rlaF', '--', value, ...roots], { encoding: 'utf8' })
  // 1 is "nothing"; anything else, a folder that is not there say, proves nothing.
  if (found.status !== 0 && found.status !== 1) throw new Error(`grep: ${found.stderr}`)
  return found.stdout.split('\n').filter((file) => file !== '')
}
