import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentType } from '../../../../src/agents/agent-type.ts'
import { agentType } from '../../../../src/agents/agent-types.ts'
import { textAt } from '../../../../src/agents/event-fields.ts'
import { readEvents } from '../../../../src/agents/read-events.ts'
import { MeterRule } from '../../../../src/contracts/meter.ts'

/** In what the program below is not what it should be. */
export type Lie =
  | 'none'
  | 'usage doubled'
  | 'usage doubled while it runs'
  | 'no usage'
  | 'no session'
  | 'resume ignored'
  | 'resume refused'
  | 'usage of the whole session'
  | 'trust asked'
  | 'edit refused'
  | 'never done'
  | 'no success'
  | 'exit 3'
  | 'another format'
  | 'no tools'
  | 'unknown tools'

/**
 * A small agent of its own type, made up: it asks its model by chat completions, writes files when told to, keeps its
 * session in HOME, tells its usage, and lies as the variable LIE says.
 */
export const writeLyingProgram = (dir: string): string => {
  const file = join(dir, 'liar.mjs')
  writeFileSync(file, `#!${process.execPath}\n${PROGRAM}`)
  chmodSync(file, 0o755)
  return file
}

const PROGRAM = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
const { BASE, HOME, LIE } = process.env
const [, , what, resumed] = process.argv
if (what === '--version') { console.log('liar 1.2.3'); process.exit(0) }
if (LIE === 'trust asked') {
  console.log('Do you trust the files in this folder? [y/N]')
  setInterval(() => {}, 1000)
  await new Promise(() => {})
}
const tell = (event) => console.log(JSON.stringify(event))
const file = HOME + '/session.json'
const isOld = resumed !== undefined && LIE !== 'resume ignored'
if (isOld && (LIE === 'resume refused' || !existsSync(file))) { console.error('no such session'); process.exit(2) }
const messages = isOld ? JSON.parse(readFileSync(file, 'utf8')) : []
messages.push({ role: 'user', content: readFileSync(0, 'utf8') })
const [path, content] = [{ type: 'string' }, { type: 'string' }]
const write = { type: 'function', function: { name: LIE === 'unknown tools' ? 'inscribe' : 'write', parameters: { properties: { path, content } } } }
const ask = async (tools) => {
  const where = LIE === 'another format' ? '/converse' : '/chat/completions'
  const answer = await fetch(BASE + where, { method: 'POST', body: JSON.stringify({ model: 'm', messages, tools }) })
  if (!answer.ok) { tell({ refused: answer.status }); process.exit(answer.status === 401 ? 4 : 5) }
  return answer.json()
}
const total = { input: 0, cached: 0, output: 0 }
const count = ({ prompt_tokens, completion_tokens, prompt_tokens_details }) => {
  total.input += prompt_tokens
  total.output += completion_tokens
  total.cached += prompt_tokens_details.cached_tokens
}
// A title, as programs ask for them: what it costs is nobody's.
await ask(undefined)
for (;;) {
  const { choices: [{ message }], usage } = await ask(LIE === 'no tools' ? undefined : [write])
  count(usage)
  messages.push(message)
  const [call] = message.tool_calls ?? []
  if (call === undefined) break
  const { path, content } = JSON.parse(call.function.arguments)
  if (LIE !== 'edit refused') writeFileSync(path, content)
  messages.push({ role: 'tool', tool_call_id: call.id, content: 'written' })
}
writeFileSync(file, JSON.stringify(messages))
const times = (n) => ({ input: n * total.input, cached: n * total.cached, output: n * total.output })
const wholeSession = { input: total.input + 2400, cached: total.cached + 400, output: total.output + 68 }
const end = {
  'usage doubled': times(2),
  'usage of the whole session': isOld ? wholeSession : total,
  'no usage': undefined,
}
tell({ type: 'meanwhile', usage: LIE.endsWith('while it runs') ? times(2) : LIE in end ? end[LIE] ?? total : total })
tell({
  type: 'done',
  ok: LIE !== 'no success',
  usage: LIE in end ? end[LIE] : total,
  session: LIE === 'no session' ? undefined : 'session-1',
})
if (LIE === 'never done') setInterval(() => {}, 1000)
else process.exit(LIE === 'exit 3' ? 3 : 0)
`

const base = agentType('command')

export const LYING_TYPE: AgentType = {
  ...base,
  type: 'made-up',
  program: 'liar',
  keys: { required: [], optional: ['base_url'] },
  capabilities: { resume: true, terminalEvent: true, usage: 'tokens' },
  wires: ['chat'],
  meter: [
    MeterRule.parse({
      when: { type: 'meanwhile' },
      usage: { input: ['usage.input'], cachedInput: ['usage.cached'], output: ['usage.output'] },
    }),
  ],
  compose: (config, request) => ({
    argv: [...request.program, 'work', ...(request.resume === null ? [] : [request.resume.sessionId])],
    stdinFile: request.promptFile,
    env: { BASE: config.baseUrl ?? '' },
    homeFiles: {},
  }),
  judge: (streams, exit, nowMs) => {
    const events = [...readEvents(streams.stdout)]
    const done = events.find((event) => textAt(event, 'type') === 'done')
    const usage = done?.usage as { input: number; cached: number; output: number } | undefined
    return {
      ...base.judge(streams, exit, nowMs),
      success: done?.ok === true,
      failure: exit?.exitCode === 4 ? { class: 'auth', reason: 'refused', excerpt: null } : null,
      sessionId: textAt(done, 'session'),
      usage:
        usage === undefined
          ? null
          : {
              inputTokens: usage.input,
              cachedInputTokens: usage.cached,
              outputTokens: usage.output,
              usd: null,
            },
    }
  },
}
