import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { childEnvironment, ownProcessEnvironment } from '../../src/platform/environment.ts'
import { git } from '../../src/platform/git.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { startRegistered } from './start-registered.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('childEnvironment', () => {
  test('holds the allow-list and what is given, nothing else', () => {
    vi.stubEnv('PATH', '/bin')
    vi.stubEnv('LANG', 'C.UTF-8')
    vi.stubEnv('TZ', 'UTC')
    vi.stubEnv('HOME', '/home/somebody')
    vi.stubEnv('LC_ALL', undefined)
    vi.stubEnv('LC_CTYPE', undefined)
    vi.stubEnv('TMPDIR', undefined)
    expect(childEnvironment({ A: '1' })).toEqual({
      PATH: '/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TERM: 'dumb',
      A: '1',
    })
  })

  test('what is given wins, and HOME gets in by name', () => {
    vi.stubEnv('PATH', '/bin')
    expect(childEnvironment({ PATH: '/mine', HOME: '/h' })).toMatchObject({ PATH: '/mine', HOME: '/h' })
  })

  test('fail points reach our own processes only', () => {
    vi.stubEnv('OC_SUPERVISE_FAILPOINT', 'x=kill')
    vi.stubEnv('OC_SUPERVISE_FAILPOINT_LOG', '/log')
    vi.stubEnv('OC_SUPERVISE_FAILPOINT_ONCE', '/once')
    expect(childEnvironment({})).not.toHaveProperty('OC_SUPERVISE_FAILPOINT')
    expect(ownProcessEnvironment({})).toMatchObject({
      OC_SUPERVISE_FAILPOINT: 'x=kill',
      OC_SUPERVISE_FAILPOINT_LOG: '/log',
      OC_SUPERVISE_FAILPOINT_ONCE: '/once',
    })
  })
})

describe('a secret in our environment', () => {
  test('never reaches a registered process', async () => {
    vi.stubEnv('MY_API_TOKEN', 'hunter2')
    const dir = makeTempDir()
    const child = await startRegistered(dir, ['env'])
    await child.exited
    const seen = readFileSync(join(dir, 'stdout'), 'utf8')
    expect(seen).toContain('OC_SUPERVISE_MARK=')
    expect(seen).not.toContain('hunter2')
    expect(names(seen)).toEqual(expect.not.arrayContaining(['HOME', 'MY_API_TOKEN', 'NODE_OPTIONS']))
  })

  test('never reaches git', async () => {
    vi.stubEnv('MY_API_TOKEN', 'hunter2')
    vi.stubEnv('GIT_DIR', '/somewhere')
    const { stdout } = await git(['-c', 'alias.show-env=!env', 'show-env'], {})
    expect(stdout).toContain('GIT_CONFIG_NOSYSTEM=1')
    expect(stdout).not.toContain('hunter2')
    expect(stdout).not.toContain('/somewhere')
  })

  test('would have reached a child that simply inherits (the test can fail)', () => {
    vi.stubEnv('MY_API_TOKEN', 'hunter2')
    expect(execFileSync('env', { encoding: 'utf8', env: process.env })).toContain('hunter2')
  })
})

const names = (text: string): string[] => text.split('\n').map((line) => line.split('=')[0] ?? '')
