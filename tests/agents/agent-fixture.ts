import type { AgentConfig } from '../../src/contracts/compiled-manifest.ts'
import { KeeperExit } from '../../src/contracts/keeper.ts'

export const agentConfig = (overrides: Partial<AgentConfig> = {}): AgentConfig => ({
  key: 'agent',
  type: 'command',
  command: ['true'],
  prompt: 'stdin',
  recordings: null,
  model: null,
  env: {},
  secrets: {},
  timeoutMs: 60_000,
  idleTimeoutMs: null,
  ...overrides,
})

export const keeperExit = (overrides: Partial<KeeperExit> = {}): KeeperExit =>
  KeeperExit.parse({
    protocol: 'keeper/v1',
    attempt: 'att-1',
    startedAt: { wallMs: 1000, monoMs: 0, bootId: 'b' },
    endedAt: { wallMs: 2000, monoMs: 1000, bootId: 'b' },
    exitCode: 0,
    signal: null,
    stopReason: null,
    stdoutBytes: 0,
    stderrBytes: 0,
    startError: null,
    ...overrides,
  })
