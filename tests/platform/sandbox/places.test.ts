import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loopbackPorts } from '../../../src/platform/sandbox/loopback-ports.ts'
import { isOnTheInternet } from '../../../src/platform/sandbox/on-the-internet.ts'
import { programPlaces, toolPlaces } from '../../../src/platform/sandbox/tool-places.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const plant = (root: string, files: readonly string[]): void => {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '#!/bin/sh\n')
    chmodSync(join(root, file), 0o755)
  }
}

describe('what tools on PATH need', () => {
  const root = makeTempDir('tools')
  const home = join(root, 'home')
  plant(home, [
    '.nvm/v/24/bin/node',
    '.nvm/v/24/lib/x',
    '.cargo/bin/cargo',
    '.cargo/credentials.toml',
    '.local/bin/x',
  ])
  plant(home, ['.local/lib/x', '.local/share/keyrings/x', 'scripts/x', 'project/node_modules/.bin/x'])
  plant(root, ['brew/bin/x', 'brew/Cellar/x', 'brew/.env'])
  plant(home, ['bin/x', 'tools/customers/x', 'lib/x', 'plugins/x'])
  plant(root, ['bin/x', 'tools/x'])
  symlinkSync(home, join(root, 'link-to-home'))

  test.each([
    ['a tool outside HOME: what belongs to programs', 'brew/bin', ['brew/bin', 'brew/Cellar']],
    [
      'one in HOME: what belongs to programs',
      'home/.nvm/v/24/bin',
      ['home/.nvm/v/24/bin', 'home/.nvm/v/24/lib'],
    ],
    ['one that keeps logins beside', 'home/.cargo/bin', ['home/.cargo/bin']],
    ['the shared prefix of HOME', 'home/.local/bin', ['home/.local/bin', 'home/.local/lib']],
    ["a person's own bin in HOME: nothing beside it", 'home/bin', ['home/bin']],
    ['the same by a link', 'link-to-home/bin', ['link-to-home/bin']],
    ['a bin of a folder that holds HOME', 'bin', ['bin']],
    ['a folder of scripts', 'home/scripts', ['home/scripts']],
    ['packages of a project', 'home/project/node_modules/.bin', ['home/project/node_modules']],
    ['nothing', 'missing/bin', []],
  ])('%s', (_what, folder, expected) => {
    expect(toolPlaces(`${join(root, folder)}:/usr/bin:relative`, home)).toEqual(
      expected.map((place) => join(root, place)),
    )
  })
})

describe('what one program needs', () => {
  const root = makeTempDir('program')
  const home = join(root, 'home')
  plant(home, [
    '.local/share/pipx/venvs/aider/bin/aider',
    '.local/share/claude/versions/2',
    'cli/node_modules/pi/cli.js',
  ])
  plant(home, ['agent.sh', 'cli/node_modules/.bin/empty'])
  mkdirSync(join(home, '.local/bin'), { recursive: true })
  for (const [name, target] of [
    ['aider', '../share/pipx/venvs/aider/bin/aider'],
    ['claude', '../share/claude/versions/2'],
  ] as const) {
    symlinkSync(target, join(home, '.local/bin', name))
  }
  symlinkSync('../pi/cli.js', join(home, 'cli/node_modules/.bin/pi'))

  test.each([
    ['a tool of its own in HOME', '.local/bin/aider', ['.local/bin/aider', '.local/share/pipx/venvs/aider']],
    ['one file behind a link', '.local/bin/claude', ['.local/bin/claude', '.local/share/claude/versions/2']],
    ['a package', 'cli/node_modules/.bin/pi', ['cli/node_modules', 'cli/node_modules']],
    ['a script: no more than itself', 'agent.sh', ['agent.sh']],
    ['nothing', 'missing', []],
  ])('%s', (_what, program, expected) => {
    expect(programPlaces(join(home, program), home)).toEqual(expected.map((place) => join(home, place)))
  })
})

test.each([
  ['any', []],
  [
    ['api.example.com', '127.0.0.1:11434', 'localhost:8080', '[::1]:9'],
    [
      ['127.0.0.1', 11434],
      ['127.0.0.1', 8080],
      ['[::1]', 9],
    ],
  ],
])('ways to the loopback of %j', (network, expected) => {
  expect(loopbackPorts(network as never).map(({ host, port }) => [host, port])).toEqual(expected)
})

test.each([
  ['example.com', true],
  ['93.184.215.14', true],
  ['2606:2800:21f:cb07::1', true],
  ['127.0.0.1', false],
  ['127.9.9.9', false],
  ['0.0.0.0', false],
  ['::1', false],
  ['[::1]', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['169.254.169.254', false],
  ['10.1.2.3', false],
  ['192.168.1.1', false],
  ['fd00::1', false],
  ['fe80::1%eth0', false],
  ['2130706433', false],
  ['0x7f000001', false],
  ['127.1', false],
  ['localhost', false],
  ['a.LOCALHOST.', false],
])('%s is on the internet: %s', (host, expected) => {
  expect(isOnTheInternet(host)).toBe(expected)
})
