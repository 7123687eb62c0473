import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { makeSystem, type System } from './support/system.ts'

/**
 * Speaks Claude Code's stream: writes the file that its task names, and says what that cost. Given an address of its
 * model, as its trial does, it asks there and does as it is told.
 */
const PAID_AGENT = `#!/usr/bin/env node
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs')
const say = (event) => console.log(JSON.stringify({ ...event, session_id: 's' }))
const end = (is_error, result, total_cost_usd, tokens) =>
  say({ type: 'result', subtype: 'success', is_error, result, total_cost_usd, permission_denials: [], usage: tokens })
const NOTHING = { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 }
const TOOLS = [{ name: 'Write', input_schema: { properties: { file_path: {}, content: {} } } }]
const converse = async (url, prompt) => {
  const messages = [{ role: 'user', content: prompt }]
  const used = { ...NOTHING }
  for (;;) {
    const body = JSON.stringify({ model: 'm', max_tokens: 100, messages, tools: TOOLS })
    const answer = await fetch(url + '/v1/messages', { method: 'POST', body })
    if (!answer.ok) {
      end(true, 'API Error: 401 authentication_error', 0, NOTHING)
      process.exit(1)
    }
    const { content, usage } = await answer.json()
    for (const name of Object.keys(used)) used[name] += usage[name]
    const call = content.find(({ type }) => type === 'tool_use')
    if (call === undefined) return end(false, content[0].text, 0.01, used)
    writeFileSync(call.input.file_path, call.input.content)
    messages.push({ role: 'assistant', content })
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'written' }] })
  }
}
const work = async () => {
  const prompt = readFileSync(0, 'utf8')
  say({ type: 'system', subtype: 'init' })
  const url = process.env.ANTHROPIC_BASE_URL
  if (url !== undefined) return converse(url, prompt)
  const file = /Write ([a-z]+.txt)/.exec(prompt)[1]
  const turn = { type: 'stream_event', event: { type: 'message_start', message: { usage: { input_tokens: 1000 } } } }
  if (file === 'endless.txt') return void setInterval(() => say(turn), 100)
  writeFileSync(file, 'work')
  appendFileSync(__dirname + '/ran', file + '\\n')
  const usage = { input_tokens: 100, output_tokens: 20 }
  say({ type: 'assistant', message: { id: 'm', content: [{ type: 'tool_use', id: 't', name: 'Write', input: {} }], usage } })
  end(false, 'done', 0.75, usage)
}
if (process.argv.includes('--version')) console.log('2.0.0')
else work()
`

const makePaid = (more: string, lane = '', agent = ''): System =>
  makeSystem(
    `version: 1
name: paid
state_dir: state
sandbox: off
repos: {app: {url: remote.git, checks: ["true"], merge: auto}}
agents: {paid: {type: claude, command: [./paid.cjs], timeout: 1m${agent}}}
lanes: {goal: {agent: paid, poll_interval: 200ms, retry_delay: 50ms${lane}}, review: {poll_interval: 200ms}}
gates: {signing: optional}
${more}
`,
    {},
    { 'paid.cjs': PAID_AGENT },
  )

const statesOf = async (system: System): Promise<string[]> => {
  const { tasks } = await system.json<{ tasks: { state: string }[] }>(['task', 'list'])
  return tasks.map(({ state }) => state).sort()
}

describe('money', () => {
  test('a budget that is used up leaves tasks Ready, says so, and until-idle goes on waiting', async () => {
    const system = makePaid('budget: {per_day: {usd: 0.9}}')
    for (const file of ['a', 'b']) await system.addTask(`Write ${file}.txt`)
    const run = system.start(['run', '--until-idle'])
    await until(async () => (await statesOf(system)).includes('Done'), { timeoutMs: 20_000, everyMs: 200 })
    const detail = await until(
      async () =>
        /budget\.per_day\.usd: \$0\.75 of \$0\.90 are used or reserved, \$0\.90 needed; not before \S+Z/.exec(
          (await system.oc(['status'])).stdout,
        )?.[0],
      { timeoutMs: 10_000, everyMs: 200 },
    )
    expect(detail).toBeDefined()
    expect((await system.oc(['status', '--exit-code'])).code).toBe(10)
    run.signal('SIGTERM')
    expect((await run.ended).code).toBe(0)
    expect(await statesOf(system)).toEqual(['Done', 'Ready'])
    expect(system.read('ran')).toMatch(/^[ab]\.txt\n$/)
  }, 60_000)

  test('the ledger holds what every attempt cost, verified with the rest', async () => {
    const system = makePaid('budget: {per_day: {usd: 20}}')
    for (const file of ['a', 'b', 'c']) await system.addTask(`Write ${file}.txt`)
    expect((await system.run()).code).toBe(0)
    expect(await statesOf(system)).toEqual(['Done', 'Done', 'Done'])
    expect((await system.oc(['verify'])).code).toBe(0)
    const spend = await system.json<{ total: object }>(['spend'])
    expect(spend.total).toMatchObject({ runs: 3, usd: 2.25, coveredUsd: 0, tokens: 360 })
  }, 60_000)

  test('an agent in flight is stopped at what was reserved, and the task says why', async () => {
    const system = makePaid(
      'budget: {per_attempt: {usd: 0.01}}',
      ', max_attempts: 1',
      ', price: {input_usd: 1, output_usd: 1}',
    )
    const task = await system.addTask('Write endless.txt')
    expect((await system.run()).code).toBe(3)
    expect((await system.task(task)).reason).toMatch(/used up the money that was reserved/)
    const { total } = await system.json<{ total: { usd: number } }>(['spend'])
    // A turn costs a tenth of it and takes a tenth of a second; a busy machine lets some of them pass.
    expect(total.usd).toBeGreaterThanOrEqual(0.01)
    expect(total.usd).toBeLessThan(0.04)
    const exported = await system.oc(['audit-export', 'usage.ndjson'])
    expect(exported).toMatchObject({ code: 0, stdout: 'wrote 1 runs of agents to usage.ndjson\n' })
    expect(JSON.parse(system.read('usage.ndjson'))).toMatchObject({
      task,
      outcome: 'quota_exhausted',
      failure: 'quota_exhausted',
      usd: total.usd,
      reserved: { usd: 0.01 },
    })
  }, 60_000)

  test('an agent that was stopped before it told its dollars is paid with what was reserved', async () => {
    const system = makePaid(
      'budget: {per_attempt: {usd: 0.5}, per_day: {usd: 0.9}}',
      ', max_attempts: 1',
      ', max_tokens: 3000',
    )
    await system.addTask('Write endless.txt')
    expect((await system.run()).code).toBe(3)
    const { total } = await system.json<{ total: object }>(['spend'])
    expect(total).toMatchObject({ runs: 1, usd: 0.5, estimatedUsd: 0.5 })
  }, 60_000)
})
