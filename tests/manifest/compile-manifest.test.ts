import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { realPath } from '../../src/manifest/load-manifest.ts'
import { NO_BUDGET } from '../support/no-budget.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { compiled, fullManifest, problemsOf, publicKey, testContext } from './compile-text.ts'

const SMALL = 'version: 1\nname: a\nsandbox: off\n'

describe('compileManifest', () => {
  test('fills in every default', () => {
    const text = `${SMALL}repos:
  api:
    url: ./api
    checks: ["npm test\\n"]
agents:
  a: {type: command, command: [x]}
lanes:
  goal: {agent: a}
  review: {}
services:
  s: {command: [y]}
gates: {operators: {ada: {ssh_key: ${publicKey(1)} ada@laptop}}}
`
    const { hash, ...manifest } = compiled(text)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(manifest).toEqual({
      name: 'a',
      path: '/m/oc.yaml',
      stateDir: '/home/ada/.local/state/oc-supervise/a',
      repos: {
        api: {
          key: 'api',
          url: '/m/api',
          defaultBranch: 'main',
          allowedBaseBranches: [],
          setup: [],
          setupTimeoutMs: 900_000,
          setupNetwork: [],
          checks: [{ name: 'npm test', run: 'npm test\n', timeoutMs: 600_000, retries: 0, network: [] }],
          allowedPaths: [],
          reviewPaths: [],
          blockedPaths: [],
          tampering: null,
          restoreTests: null,
          secretPaths: [],
          env: {},
          merge: 'manual',
          mergeMethod: 'squash',
          forge: { type: 'local' },
          review: {
            maxRevisions: 3,
            onHumanTimeout: 'remind',
            humanTimeoutMs: 86_400_000,
            requireExplicitApproval: false,
          },
          lanes: {},
          concurrency: null,
          budget: NO_BUDGET,
        },
      },
      board: { type: 'local', importFile: null },
      agents: {
        a: {
          key: 'a',
          type: 'command',
          command: ['x'],
          prompt: 'stdin',
          recordings: null,
          secrets: {},
          model: null,
          env: {},
          timeoutMs: 3_600_000,
          idleTimeoutMs: null,
          bootTimeoutMs: null,
          toolTimeoutMs: null,
          inheritsLogin: false,
          baseUrl: null,
          maxTurns: null,
          maxTokens: null,
          maxMemoryBytes: null,
          maxProcesses: null,
          maxDiskBytes: null,
          progressFuel: null,
          price: null,
          covered: false,
          sandbox: 'off',
          concurrency: null,
          budget: NO_BUDGET,
        },
      },
      lanes: {
        goal: {
          lane: 'goal',
          agent: 'a',
          concurrency: 1,
          pollIntervalMs: 30_000,
          maxAttempts: 3,
          retryDelayMs: 60_000,
          fallbacks: [],
          budget: NO_BUDGET,
        },
        review: {
          lane: 'review',
          agent: null,
          concurrency: 1,
          pollIntervalMs: 60_000,
          maxAttempts: 1,
          retryDelayMs: 0,
          fallbacks: [],
          budget: NO_BUDGET,
        },
      },
      services: {
        s: {
          name: 's',
          command: ['y'],
          restart: 'on-failure',
          start: 'with_lanes',
          ready: { by: 'spawn' },
          liveness: { by: 'identity' },
          stopTimeoutMs: 10_000,
          env: {},
        },
      },
      policy: {
        requireApproval: { risk: ['high'], taskTypes: [] },
        maxChangedFiles: null,
        maxChangedLines: null,
        tampering: 'block',
        restoreTests: true,
      },
      limits: {
        ...{ concurrency: 4, minFreeMemoryBytes: 536_870_912, minFreeDiskBytes: 1_073_741_824 },
        ...{ maxMemoryBytes: null, maxProcesses: null, maxDiskBytes: null },
      },
      budget: {
        ...NO_BUDGET,
        perHour: { ...NO_BUDGET.perHour, runs: 10 },
        perDay: { ...NO_BUDGET.perDay, runs: 50 },
      },
      breaker: {
        window: 5,
        min: 3,
        threshold: 0.8,
        staleAfterMs: 14_400_000,
        coolDownMs: 1_800_000,
        warnBelow: 0.6,
      },
      timezone: 'UTC',
      maintenanceWindows: [],
      gates: {
        signing: 'required',
        operators: [{ name: 'ada', publicKey: publicKey(1) }],
        expiresAfterMs: 604_800_000,
      },
      sandbox: 'off',
      sandboxRead: [],
      supervision: {
        heartbeatEveryMs: 5000,
        heartbeatStaleAfterMs: 45_000,
        probeEveryMs: 15_000,
        probeAnswerWithinMs: 5000,
        restartMax: 5,
        restartWithinMs: 600_000,
        backoffMinMs: 250,
        backoffMaxMs: 300_000,
        recoveryMax: 3,
        recoveryWithinMs: 3_600_000,
        orphanTimeoutMs: 1_800_000,
      },
      retention: {
        runsMs: 180 * 86_400_000,
        journalMs: 365 * 86_400_000,
        savedMs: 90 * 86_400_000,
        logsMs: 30 * 86_400_000,
      },
      untilIdle: { waitForPeopleMs: 0 },
    })
  })

  test('is frozen to its depth', () => {
    const manifest = compiled(fullManifest())
    expect(Object.isFrozen(manifest.repos.api?.checks[0])).toBe(true)
    expect(() => (manifest.policy.requireApproval.risk as string[]).push('low')).toThrow(TypeError)
  })

  test('a manifest without repositories, lanes or operators is a fine one', () => {
    expect(compiled(SMALL).lanes).toEqual({})
  })

  test.each([
    ['state_dir wins', { XDG_STATE_HOME: '/x', HOME: '/h' }, 'state_dir: ../s\n', '/s/a'],
    ['~ is the home folder', { HOME: '/h' }, 'state_dir: ~/s\n', '/h/s/a'],
    ['XDG_STATE_HOME', { XDG_STATE_HOME: '/x', HOME: '/h' }, '', '/x/oc-supervise/a'],
    [
      'a relative XDG_STATE_HOME does not count',
      { XDG_STATE_HOME: 'x', HOME: '/h' },
      '',
      '/h/.local/state/oc-supervise/a',
    ],
  ])('state: %s', (_name, environment, line, expected) => {
    expect(compiled(SMALL + line, { ...testContext(), environment }).stateDir).toBe(expected)
  })

  test('state nowhere is a problem with a remedy', () => {
    expect(problemsOf(SMALL, { ...testContext(), environment: {} })).toEqual([
      'oc.yaml:1:1: state_dir: is not set, and neither XDG_STATE_HOME nor HOME says where state may lie; write state_dir: PATH',
    ])
  })

  test('state reached through a link into a repository is found', () => {
    const dir = makeTempDir('state')
    mkdirSync(join(dir, 'repo/.git'), { recursive: true })
    symlinkSync(join(dir, 'repo'), join(dir, 'link'))
    const text = `${SMALL}state_dir: ${dir}/link/deep/state\nrepos: {r: {url: ${dir}/repo}}\n`
    expect(problemsOf(text, { ...testContext(), realPath })[0]).toMatch(/lies inside repos\.r/)
    const beside = `${SMALL}state_dir: ${dir}/repo-state\nrepos: {r: {url: ${dir}/repo}}\n`
    expect(problemsOf(beside, { ...testContext(), realPath })).toEqual([])
  })

  test.each([
    ['file:///srv/a.git', 'file:///srv/a.git'],
    ['./a:b', '/m/a:b'],
    ['repo', '/m/repo'],
    ['../repo', '/repo'],
    ['~/repo', '/home/ada/repo'],
    ['/abs', '/abs'],
  ])('url %s', (url, expected) => {
    expect(compiled({ version: 1, name: 'a', sandbox: 'off', repos: { r: { url } } }).repos.r?.url).toBe(
      expected,
    )
  })

  test.each(['https://github.com/a/b.git', 'ssh://git@h:22/a', 'git@h:a/b', 'host:a/b'])(
    'the local forge takes no repository on another machine: %s',
    (url) => {
      const text = `${SMALL}repos: {r: {url: "${url}"}}\n`
      expect(problemsOf(text, testContext())[0]).toMatch(
        /repos\.r\.url: .*is not on this machine.*git clone --bare/,
      )
    },
  )

  test('the hash tells what is done, not how it is written or where it lies', () => {
    const base = compiled(fullManifest())
    const text = stringify(fullManifest())
    const moved = { ...testContext(), path: '/m/other.yaml' }
    expect(compiled(`# hello\n${text}`).hash).toBe(base.hash)
    expect(compiled(text, moved).hash).toBe(base.hash)
    expect(compiled({ ...fullManifest(), state_dir: '/elsewhere' }).hash).toBe(base.hash)
    expect(compiled({ ...fullManifest(), until_idle: { wait_for_people: '0ms' } }).hash).toBe(base.hash)
    expect(compiled({ ...fullManifest(), limits: { min_free_disk: '1024MiB' } }).hash).toBe(base.hash)
    expect(compiled({ ...fullManifest(), limits: { min_free_disk: '1025MiB' } }).hash).not.toBe(base.hash)
  })

  test('aliases, CRLF, a byte order mark and flow style are only spelling', () => {
    const plain = `${SMALL}repos:\n  a: {url: /a, checks: [make], allowed_paths: [src]}\n  b: {url: /b, checks: [make], allowed_paths: [src]}\n`
    const alias = `\uFEFF${SMALL}repos:\n  a: {url: /a, checks: &c [make], allowed_paths: &p [src]}\n  b: {url: /b, checks: *c, allowed_paths: *p}\n`
    expect(compiled(alias.replaceAll('\n', '\r\n')).hash).toBe(compiled(plain).hash)
  })

  test('a mistake inside an alias is shown where it is used', () => {
    const text = `${SMALL}repos:\n  a: {url: /a, checks: &c [5]}\n  b: {url: /b, checks: *c}\n`
    expect(problemsOf(text).map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      'oc.yaml:5:28: repos.a.checks[0]:',
      'oc.yaml:5:28: repos.b.checks[0]:',
    ])
  })
})
