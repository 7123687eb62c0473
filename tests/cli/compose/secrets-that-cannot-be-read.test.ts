import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { evidencePorts } from '../../../src/cli/compose/evidence-ports.ts'
import { knownSecrets } from '../../../src/cli/compose/known-secrets.ts'
import { scanWork } from '../../../src/cli/compose/scan-work.ts'
import { secretEnvironment } from '../../../src/cli/run/secret-environment.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { agentConfig } from '../../agents/agent-fixture.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const VALUE = 'plain-secret-value-number-one'

const setUp = () => {
  const dir = makeTempDir('secrets')
  const [a, b] = [join(dir, 'a'), join(dir, 'b')]
  writeFileSync(a, VALUE)
  writeFileSync(b, 'second-secret-value')
  const secrets = { A: { file: a }, B: { file: b }, C: { env: 'OC_TEST_NEVER_SET' } }
  const manifest = { agents: { claude: agentConfig({ key: 'claude', secrets }) }, sandbox: 'off' } as never
  const known = knownSecrets(manifest, systemClock)
  const ports = evidencePorts({ manifest, layout: stateLayout(dir), store: {} as never, secrets: known })
  const scan = (isUsed: boolean) =>
    scanWork({
      ...{ secrets: known, layout: stateLayout(dir), isUsed: () => isUsed, owner: 'inc-1' as never },
      repo: () => ({ secretPaths: [] }) as never,
      changedBlobs: async () => ({
        blobs: [{ path: 'x.txt', change: 'added', before: null, after: `A=${VALUE}`, tooLarge: false }],
        message: '',
      }),
    })({ attemptId: 'att-1', repo: 'app', sha: 'a'.repeat(40), baseSha: 'b'.repeat(40) } as never)
  return { a, b, ports, scan }
}

describe('a secret that cannot be read now', () => {
  test('stops the push by its name, until it can be read again', async () => {
    const { a, scan } = setUp()
    renameSync(a, `${a}.away`)
    await expect(scan(true)).rejects.toThrow(
      /infra_tooling: .*agents\.claude\.A \(the secret file .*ENOENT\)$/,
    )
    renameSync(`${a}.away`, a)
    expect(await scan(true)).toMatchObject([{ path: 'x.txt', rule: 'value/agents.claude.A' }])
  })

  test('is looked for as it was, where it could be read before', async () => {
    const { a, scan } = setUp()
    expect(await scan(true)).toHaveLength(1)
    rmSync(a)
    expect(await scan(true)).toHaveLength(1)
  })

  test('stops no push where it is of an agent that no lane runs, and the others are looked for', async () => {
    const { b, scan } = setUp()
    rmSync(b)
    expect(await scan(false)).toMatchObject([{ rule: 'value/agents.claude.A' }])
  })

  test('stops the evidence of a run that had it, and keeps the others where there was no run', async () => {
    const { b, ports } = setUp()
    rmSync(b)
    await expect(ports.secretsOf('claude', true)).rejects.toThrow(/agents\.claude\.B .*agents\.claude\.C/)
    expect(await ports.secretsOf('claude', false)).toEqual([VALUE])
    expect(await ports.secretsOf(null, false)).toEqual([])
  })
})

test("a lane knows the secrets of other lanes' agents, to look for them in its work", () => {
  const secrets = { KEY: { env: 'OC_TEST_KEY_OF_ANOTHER' } }
  process.env.OC_TEST_KEY_OF_ANOTHER = 'value'
  try {
    const manifest = { agents: { other: agentConfig({ key: 'other', secrets }) } }
    expect(secretEnvironment(manifest)).toEqual({ OC_TEST_KEY_OF_ANOTHER: 'value' })
  } finally {
    delete process.env.OC_TEST_KEY_OF_ANOTHER
  }
})
