import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { examineLogin } from '../../../src/cli/agent/examine-login.ts'
import type { AgentConfig } from '../../../src/contracts/compiled-manifest.ts'
import { agentConfig } from '../../agents/agent-fixture.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const type = { ...agentType('command'), login: { file: '.tool/login.json', variables: ['TOOL_KEY'] } }
const NOW = Date.parse('2030-01-01T12:00:00Z')

const examine = (agent: Partial<AgentConfig>, files: Record<string, string> = {}, environment = {}) => {
  const home = makeTempDir('login')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const config = agentConfig({ key: 'coder', ...agent })
  return { home, ...examineLogin(config, type, { home, environment, nowMs: NOW }) }
}

describe('examineLogin', () => {
  test('by a variable: only whether it is set', () => {
    const secrets = { TOOL_KEY: { env: 'MINE' } }
    expect(examine({ secrets }, {}, { MINE: 'hush' })).toMatchObject({
      from: 'env',
      where: 'MINE',
      missing: null,
    })
    expect(examine({ secrets })).toMatchObject({ missing: '$MINE is not set here' })
    expect(JSON.stringify(examine({ secrets }, {}, { MINE: 'hush' }))).not.toContain('hush')
  })

  test('by a file: only whether it is there and not empty', () => {
    const file = join(makeTempDir('login'), 'key')
    expect(examine({ secrets: { TOOL_KEY: { file } } }).missing).toContain(file)
    writeFileSync(file, 'hush')
    expect(examine({ secrets: { TOOL_KEY: { file } } })).toMatchObject({ from: 'file', missing: null })
  })

  test('by a program: it is not run', () =>
    expect(examine({ secrets: { TOOL_KEY: { command: ['/nonexistent'] } } })).toMatchObject({
      from: 'command',
      missing: null,
    }))

  test.each([
    ['seconds', '{"tokens": {"access": "hush", "expires_at": 1893499200}}'],
    ['milliseconds', '{"tool": {"type": "oauth", "refresh": "hush", "expires": 1893499200000}}'],
    ['text', '{"token": "hush", "expiry": "2030-01-01T12:00:00Z"}'],
  ])('lent: its file may tell its end in %s, and nothing else of it is shown', (_unit, text) => {
    const login = examine({ inheritsLogin: true }, { '.tool/login.json': text })
    expect(login).toMatchObject({ from: 'inherit', expiresAtMs: NOW, missing: null })
    expect(JSON.stringify(login)).not.toContain('hush')
  })

  test('lent: where there is none, somebody has to log in', () =>
    expect(examine({ inheritsLogin: true }).missing).toMatch(/\.tool\/login\.json is not there$/))

  test('none: a type that has logins wants one, unless its model is served elsewhere', () => {
    expect(examine({})).toMatchObject({
      from: 'none',
      missing: 'the profile names no login',
      remedy: 'add agents.coder.auth: {env: TOOL_KEY}, or auth: inherit',
    })
    expect(examine({ baseUrl: 'http://127.0.0.1:8080' }).missing).toBeNull()
  })
})
