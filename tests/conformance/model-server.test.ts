import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { clientModule, withAgentClis } from '../support/agent-clis.ts'
import { USAGE } from '../support/model-server/answer.ts'
import { type ModelServer, startModelServer } from '../support/model-server/model-server.ts'
import { isScenario, SCENARIOS, type ScenarioName } from '../support/model-server/scenarios.ts'
import { AnthropicError, Message, MessageStreamEvent } from './published/anthropic.ts'
import { ChatCompletion, ChatCompletionChunk } from './published/chat.ts'
import { GenerateContentResponse, GoogleError } from './published/gemini.ts'
import { OpenAiError, Response, ResponseStreamEvent } from './published/responses.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())

const TOOLS = {
  shell: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
}

/** How a request is put in each wire format: its path, its body and what is expected to come back. */
const WIRES = {
  responses: {
    path: () => '/v1/responses',
    body: (stream: boolean) => ({
      model: 'mock',
      stream,
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'go' }] }],
      tools: [{ type: 'function', name: 'bash', parameters: TOOLS.shell }],
    }),
    whole: Response,
    event: ResponseStreamEvent,
    error: OpenAiError,
  },
  chat: {
    path: () => '/v1/chat/completions',
    body: (stream: boolean) => ({
      model: 'mock',
      stream,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'go' }],
      tools: [{ type: 'function', function: { name: 'bash', parameters: TOOLS.shell } }],
    }),
    whole: ChatCompletion,
    event: ChatCompletionChunk,
    error: OpenAiError,
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (stream: boolean) => ({
      model: 'mock',
      max_tokens: 100,
      stream,
      messages: [{ role: 'user', content: 'go' }],
      tools: [{ name: 'bash', input_schema: TOOLS.shell }],
    }),
    whole: Message,
    event: MessageStreamEvent,
    error: AnthropicError,
  },
  gemini: {
    path: (stream: boolean) =>
      `/v1beta/models/mock:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({
      contents: [{ role: 'user', parts: [{ text: 'go' }] }],
      tools: [{ functionDeclarations: [{ name: 'bash', parametersJsonSchema: TOOLS.shell }] }],
    }),
    whole: GenerateContentResponse,
    event: GenerateContentResponse,
    error: GoogleError,
  },
} satisfies Record<string, Wire>

interface Wire {
  path(stream: boolean): string
  body(stream: boolean): object
  whole: z.ZodType
  event: z.ZodType
  error: z.ZodType
}

const wires = Object.entries(WIRES) as [keyof typeof WIRES, Wire][]

const ask = (wire: Wire, scenario: ScenarioName, stream: boolean) =>
  fetch(`${server.at(scenario)}${wire.path(stream)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer dummy' },
    body: JSON.stringify(wire.body(stream)),
  })

/** The data of server-sent events. */
const eventsOf = (text: string): unknown[] =>
  text
    .split('\n\n')
    .flatMap((block) => block.split('\n').filter((line) => line.startsWith('data: ')))
    .map((line) => line.slice('data: '.length))
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data))

describe.each(wires)('%s', (_name, wire) => {
  test.each(['talk', 'loop'] as const)(
    '%s: the whole answer and every event are as published',
    async (scenario) => {
      const whole = await (await ask(wire, scenario, false)).json()
      expect(wire.whole.safeParse(whole).error).toBeUndefined()
      const stream = await ask(wire, scenario, true)
      expect(stream.headers.get('content-type')).toBe('text/event-stream')
      const events = eventsOf(await stream.text())
      expect(events.length).toBeGreaterThan(0)
      for (const event of events) expect(wire.event.safeParse(event).error).toBeUndefined()
    },
  )

  test.each([
    'unauthorized',
    'bad-key',
    'payment',
    'rate-limit',
    'rate-limit-reset',
    'quota',
    'usage-limit',
    'server-error',
    'context',
  ] as const)('%s: refused as published', async (scenario) => {
    const answer = await ask(wire, scenario, true)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(wire.error.safeParse(await answer.json()).error).toBeUndefined()
  })

  test('dropped: the answer breaks off', async () => {
    const answer = await ask(wire, 'dropped', true)
    await expect(answer.text()).rejects.toThrow()
  })
})

test('what came in is told, by the run it belongs to, without its key', async () => {
  await fetch(`${server.at('edit', 'one')}/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' })
  expect(server.requests('edit', 'one')).toEqual([
    {
      tag: 'edit~one',
      path: '/edit~one/v1/chat/completions',
      wire: 'chat',
      model: 'm',
      stream: false,
      authenticated: false,
      answer: 'say',
    },
  ])
  expect(server.requests('edit', 'two')).toEqual([])
})

test('a scenario is known by its name', () => {
  expect(Object.keys(SCENARIOS).every(isScenario)).toBe(true)
  expect(isScenario('constructor')).toBe(false)
})

/** The official clients, as far as we call them: they put streams together and name errors as their makers mean it. */
interface Clients {
  openai: new (
    options: object,
  ) => {
    responses: { stream(body: object): { finalResponse(): Promise<{ output: object[]; usage: object }> } }
    chat: {
      completions: {
        stream(body: object): { finalChatCompletion(): Promise<{ choices: object[]; usage: object }> }
      }
    }
  }
  anthropic: new (
    options: object,
  ) => {
    messages: { stream(body: object): { finalMessage(): Promise<{ content: object[]; usage: object }> } }
  }
  genai: new (
    options: object,
  ) => {
    models: {
      generateContentStream(
        body: object,
      ): Promise<AsyncIterable<{ functionCalls?: object[]; usageMetadata: object }>>
    }
  }
}

const load = async <T>(name: string, file: string, member: string): Promise<T> =>
  (await import(pathToFileURL(`${clientModule(name)}/${file}`).href))[member]

describe('the official clients understand it', () => {
  const options = (scenario: ScenarioName) => ({
    apiKey: 'dummy',
    baseURL: `${server.at(scenario)}/v1`,
    maxRetries: 0,
  })
  const call = 'echo the same again'

  withAgentClis('OpenAI', async () => {
    const OpenAI = await load<Clients['openai']>('openai', 'index.mjs', 'OpenAI')
    const client = new OpenAI(options('loop'))
    const response = await client.responses.stream(WIRES.responses.body(true)).finalResponse()
    expect(response.output).toMatchObject([{ name: 'bash', arguments: JSON.stringify({ command: call }) }])
    expect(response.usage).toMatchObject({ input_tokens: USAGE.input, output_tokens: USAGE.output })
    const completion = await client.chat.completions.stream(WIRES.chat.body(true)).finalChatCompletion()
    expect(completion.choices).toMatchObject([{ message: { tool_calls: [{ function: { name: 'bash' } }] } }])
    expect(completion.usage).toMatchObject({ prompt_tokens: USAGE.input })
    const refused = new OpenAI(options('rate-limit-reset'))
    await expect(refused.responses.stream(WIRES.responses.body(true)).finalResponse()).rejects.toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
    })
  })

  withAgentClis('Anthropic', async () => {
    const Anthropic = await load<Clients['anthropic']>('@anthropic-ai/sdk', 'index.mjs', 'Anthropic')
    const at = (scenario: ScenarioName) =>
      new Anthropic({ apiKey: 'dummy', baseURL: server.at(scenario), maxRetries: 0 })
    const message = await at('loop').messages.stream(WIRES.anthropic.body(true)).finalMessage()
    expect(message.content).toMatchObject([{ type: 'tool_use', name: 'bash', input: { command: call } }])
    expect(message.usage).toMatchObject({
      input_tokens: USAGE.input - USAGE.cachedInput,
      cache_read_input_tokens: USAGE.cachedInput,
      output_tokens: USAGE.output,
    })
    await expect(
      at('unauthorized').messages.stream(WIRES.anthropic.body(true)).finalMessage(),
    ).rejects.toMatchObject({ status: 401, name: 'Error' })
  })

  withAgentClis('Google', async () => {
    const GoogleGenAI = await load<Clients['genai']>('@google/genai', 'dist/node/index.mjs', 'GoogleGenAI')
    const at = (scenario: ScenarioName) =>
      new GoogleGenAI({ apiKey: 'dummy', httpOptions: { baseUrl: server.at(scenario) } }).models
    const { contents, tools } = WIRES.gemini.body() as { contents: object; tools: object }
    const body = { model: 'mock', contents, config: { tools } }
    const pieces: { functionCalls?: object[]; usageMetadata: object }[] = []
    for await (const piece of await at('loop').generateContentStream(body)) pieces.push(piece)
    expect(pieces).toMatchObject([
      {
        functionCalls: [{ name: 'bash', args: { command: call } }],
        usageMetadata: { promptTokenCount: USAGE.input },
      },
    ])
    await expect(at('quota').generateContentStream(body)).rejects.toMatchObject({ status: 429 })
  })
})
