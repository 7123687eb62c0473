import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ndJsonStream } from '@agentclientprotocol/sdk'
import { type BesideProcess, spawnBeside } from '../../platform/spawn-beside.ts'
import type { AcpEvent, AcpPhase, AcpResult } from './acp-events.ts'
import { runSession } from './run-session.ts'

/**
 * The program behind agents of the Agent Client Protocol: `acp-client --prompt FILE [--resume ID] [--model NAME]
 * [--restricted] -- COMMAND…`, run in the workspace. It starts the command, gives it the prompt, and writes what happens
 * as one JSON event a line, the result last. SIGTERM asks the agent to cancel before anything is ended by force.
 * Exit: 0 where the agent's turn ended well, else 1; 2 for wrong arguments.
 */
const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: {
      prompt: { type: 'string' },
      resume: { type: 'string' },
      model: { type: 'string' },
      restricted: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  if (values.prompt === undefined || positionals.length === 0) {
    process.stderr.write(
      'usage: acp-client --prompt FILE [--resume ID] [--model NAME] [--restricted] -- COMMAND…\n',
    )
    return 2
  }
  const cancelled = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => cancelled.abort())
  const prompt = readFileSync(values.prompt, 'utf8')
  const agent = spawnBeside(positionals, { pipe: 'both', ownGroup: true })
  const first = await Promise.race([
    converse(agent, {
      prompt,
      workspace: process.cwd(),
      model: values.model ?? null,
      resume: values.resume ?? null,
      restricted: values.restricted,
      cancelled: cancelled.signal,
      hasVariable: (name) => (process.env[name] ?? '') !== '',
      emit,
    }),
    quietEnd(agent),
    patience(cancelled.signal),
  ])
  const result = await explain(first, agent)
  emit(result)
  await endAgent(agent)
  return result.ok ? 0 : 1
}

const emit = (event: AcpEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

const converse = (agent: BesideProcess, options: Parameters<typeof runSession>[1]): Promise<AcpResult> => {
  if (agent.stdin === null || agent.stdout === null) throw new Error('the agent was started without pipes')
  return runSession(
    ndJsonStream(Writable.toWeb(agent.stdin), Readable.toWeb(agent.stdout) as ReadableStream<Uint8Array>),
    options,
  )
}

/** An agent may be gone while a helper of it still holds its pipes; a moment later, so that its last words are read. */
const quietEnd = async (agent: BesideProcess): Promise<AcpResult> => {
  await agent.exited
  await delay(LAST_WORDS_MS)
  return failed('the agent ended before it answered')
}

const LAST_WORDS_MS = 300

/** A conversation that broke off is told by how the agent ended, where it did. */
const explain = async (result: AcpResult, agent: BesideProcess): Promise<AcpResult> => {
  if (result.error === null || result.error.code !== null) return result
  const exit = await Promise.race([agent.exited, delay(LAST_WORDS_MS)])
  if (exit === undefined) return result
  if (exit.startError !== null) return failed(exit.startError, 'start')
  const how = exit.signal === null ? `with exit code ${exit.exitCode}` : `by ${exit.signal}`
  return failed(`the agent ended ${how} before it answered`, result.error.phase)
}

const failed = (message: string, phase: AcpPhase = 'prompt'): AcpResult => ({
  type: 'result',
  ok: false,
  stopReason: null,
  error: { phase, code: null, message },
})

/** How long an agent that was asked to cancel may take to say so; well within our own keeper's grace. */
const CANCEL_MS = 2_500

const patience = async (cancelled: AbortSignal): Promise<AcpResult> => {
  await new Promise((resolve) => cancelled.addEventListener('abort', resolve))
  await delay(CANCEL_MS)
  return failed('the agent did not answer when it was asked to cancel')
}

/** Closed input is the polite end; some agents outlive it, and on a signal leave their helpers: so the whole group goes. */
const endAgent = async (agent: BesideProcess): Promise<void> => {
  agent.stdin?.end()
  await Promise.race([agent.exited, delay(END_MS)])
  agent.signal('SIGTERM')
  await Promise.race([agent.exited, delay(END_MS)])
  agent.signal('SIGKILL')
}

const END_MS = 700

// Whatever still hangs on the agent's pipes must not keep us.
process.exit(await main())
