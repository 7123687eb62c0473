import type { AgentRequest } from '../../src/agents/agent-type.ts'
import type { AgentConfig } from '../../src/contracts/compiled-manifest.ts'
import { KeeperExit } from '../../src/contracts/keeper.ts'
import { NO_BUDGET } from '../support/no-budget.ts'

export const agentConfig = (overrides: Partial<AgentConfig> = {}): AgentConfig => ({
  key: 'agent',
  type: 'command',
  command: ['true'],
  prompt: 'stdin',
  recordings: null,
  model: null,
  env: {},
  secrets: {},
  inheritsLogin: false,
  baseUrl: null,
  timeoutMs: 60_000,
  idleTimeoutMs: null,
  bootTimeoutMs: null,
  toolTimeoutMs: null,
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

export const agentRequest = (overrides: Partial<AgentRequest> = {}): AgentRequest => ({
  task: { id: 'task-1', title: 'Say hello' },
  attempt: 1,
  workspace: '/w/att-1',
  home: '/k/att-1/home',
  promptFile: '/k/att-1/prompt.md',
  prompt: 'Say hello in hello.txt.\n',
  program: [],
  resume: null,
  restricted: false,
  ...overrides,
})
