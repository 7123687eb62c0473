import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as Client } from 'ws'
import { capFrame, MAX_FRAME_BYTES } from '../../src/cli/inspect/cap-frame.ts'
import type { Frame } from '../../src/cli/inspect/frame.ts'
import { type InspectionServer, serveInspection } from '../../src/cli/inspect/serve-inspection.ts'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import type { JsonValue } from '../../src/contracts/json.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { until } from '../support/until.ts'
import { oc, ocSpawn } from './support/run-cli.ts'
import { type TestSystem, testSystem } from './support/test-system.ts'

let system: TestSystem
let state: string[]
beforeAll(async () => {
  system = await testSystem({ terms: { merge: 'auto' } })
  state = ['--state-dir', system.dir]
  await system.claim()
  await system.reach('task-1', 'done')
})
afterAll(() => system.close())

const framesOf = (text: string): Frame[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Frame)

const snapshotsOf = (frames: readonly Frame[], actor: string) =>
  frames.flatMap((frame) =>
    frame.type === '@xstate.snapshot' && frame.sessionId === actor ? [frame.snapshot] : [],
  )

describe('inspect --once', () => {
  it('replays every event into the snapshot that was stored', async () => {
    const frames = framesOf((await oc('inspect', '--once', ...state)).stdout)
    for (const actor of ['task-1', 'review-1-1']) {
      const { tags: _, ...last } = snapshotsOf(frames, actor).at(-1) as Record<string, JsonValue>
      const row = await system.store.loadActor(actor)
      expect(canonicalJson(last)).toBe(canonicalJson(row?.snapshot as JsonValue))
      const journaled = (await system.store.readStream(actor, 1)).filter(
        ({ type }) => type !== 'effect.settled',
      )
      const told = frames.filter(({ type, sessionId }) => type === '@xstate.event' && sessionId === actor)
      expect(told.map((frame) => (frame as { event: { type: string } }).event.type)).toEqual(
        journaled.map(({ type }) => type),
      )
    }
    expect(frames.every(({ id }, at) => frames.findIndex((other) => other.id === id) === at)).toBe(true)
    expect(frames.some((frame) => frame.note !== undefined)).toBe(false)
  })

  it('has the shape that Stately’s tools read', async () => {
    const frames = framesOf((await oc('inspect', 'task-1', '--once', ...state)).stdout)
    for (const frame of frames) {
      expect(frame).toMatchObject({
        type: expect.stringMatching(/^@xstate\.(actor|event|snapshot)$/),
        _version: '0.7.2',
        createdAt: expect.stringMatching(/^\d+$/),
        rootId: 'task-1',
      })
    }
    const actors = frames.filter((frame) => frame.type === '@xstate.actor')
    expect(actors.map(({ sessionId, parentId }) => [sessionId, parentId])).toEqual([
      ['task-1', undefined],
      ['review-1-1', 'task-1'],
    ])
    expect(JSON.parse(actors[0]?.definition ?? '')).toMatchObject({ id: 'task', initial: 'planning' })
    const merged = frames.find((frame) => frame.type === '@xstate.event' && frame.event.type === 'MERGED')
    expect(merged).toMatchObject({ sessionId: 'task-1', sourceId: 'review-1-1' })
  })

  it('tells of a review only what is below it, and refuses what is nobody', async () => {
    const frames = framesOf((await oc('inspect', 'review-1-1', '--once', ...state)).stdout)
    expect(new Set(frames.map(({ sessionId }) => sessionId))).toEqual(new Set(['review-1-1']))
    expect(await oc('inspect', 'run-none', '--once', ...state)).toMatchObject({ code: 2 })
    expect(await oc('inspect', '--port', '99999', ...state)).toMatchObject({ code: 2 })
  })
})

describe('the served feed', () => {
  let live: TestSystem
  let server: InspectionServer
  let agentEnds: () => void
  beforeAll(async () => {
    const ended = new Promise<void>((resolve) => {
      agentEnds = resolve
    })
    live = await testSystem({
      terms: { merge: 'auto' },
      answers: { runAgent: () => ended.then(() => sample.ended('completed')) },
    })
    await live.claim()
    await live.reach('task-1', 'working')
    server = await serveInspection({ store: live.store, layout: live.layout, port: 0 })
  })
  afterAll(async () => {
    await server.close()
    await live.close()
  })

  it('begins with what is there and goes on with every event after it, none twice and none left out', async () => {
    const frames: Frame[] = []
    const socket = new WebSocket(server.url)
    socket.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)) as Frame)
    await until(() => frames.length > 0)
    expect(frames).toMatchObject([
      { type: '@xstate.actor', sessionId: 'task-1', snapshot: { value: 'working' } },
    ])
    agentEnds()
    await live.reach('task-1', 'done')
    await until(() => snapshotsOf(frames, 'task-1').at(-1)?.value === 'done')
    const first = Number(frames[0]?.id.split('/')[1])
    const journaled = (await live.store.readStream('task-1', first + 1)).filter(
      ({ type }) => type !== 'effect.settled',
    )
    expect(
      frames
        .filter((frame) => frame.type === '@xstate.event' && frame.sessionId === 'task-1')
        .map(({ id }) => id),
    ).toEqual(journaled.map(({ seq }) => `task-1/${seq}/event`))
    expect(
      frames.find((frame) => frame.type === '@xstate.actor' && frame.sessionId === 'review-1-1'),
    ).toBeDefined()
    socket.close()
  })

  const refusal = (options: { origin?: string; headers?: Record<string, string> }): Promise<string> =>
    new Promise((resolve) => {
      const client = new Client(server.url, options)
      client.on('error', (error) => resolve(error.message))
      client.on('open', () => {
        client.terminate()
        resolve('open')
      })
    })

  it('lets no foreign web page look in', async () => {
    expect(await refusal({ origin: 'https://example.com' })).toContain('403')
    expect(await refusal({ headers: { host: 'rebound.example.com' } })).toContain('403')
    expect(await refusal({ origin: 'http://localhost:3000' })).toBe('open')
    expect(await refusal({})).toBe('open')
  })

  it('says to a plain request what it is, and refuses a port that is taken', async () => {
    const status = await new Promise((resolve) =>
      get(server.url.replace('ws', 'http'), { agent: false }, (response) =>
        resolve(response.resume().statusCode),
      ),
    )
    expect(status).toBe(426)
    await expect(
      serveInspection({ store: live.store, layout: live.layout, port: server.port }),
    ).rejects.toMatchObject({ code: 'port_in_use' })
  })
})

it('inspect serves until it is told to stop', async () => {
  const child = ocSpawn(['inspect', 'task-1', '--port', '0', '--json', ...state])
  let out = ''
  child.stdout?.on('data', (text) => {
    out += String(text)
  })
  const url = await until(() => /"url":"(ws:[^"]+)"/.exec(out)?.[1])
  const frames: string[] = []
  const socket = new WebSocket(url)
  socket.onmessage = ({ data }) => void frames.push(String(data))
  await until(() => frames.some((text) => text.includes('"MERGED"')))
  const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})

describe('a frame that is too long', () => {
  const frame: Frame = {
    ...{ type: '@xstate.snapshot', _version: '0.7.2', createdAt: '1', id: 'a', rootId: 'r', sessionId: 's' },
    event: { type: 'X', diff: 'd'.repeat(50_000) },
    snapshot: { status: 'active', value: 'working', context: { big: 'é'.repeat(40_000), small: 1 } },
  } as Frame

  it('loses its biggest fields, and says which', () => {
    const capped = capFrame(frame)
    expect(Buffer.byteLength(JSON.stringify(capped))).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    expect(capped).toMatchObject({
      event: { type: 'X', diff: 'd'.repeat(50_000) },
      snapshot: { value: 'working', context: { big: '(left out: 80002 bytes)', small: 1 } },
      note: expect.stringContaining('snapshot.context.big'),
    })
  })

  it('stays as it is where it fits', () => {
    const small = { ...frame, event: { type: 'X' }, snapshot: { value: 'working' } } as Frame
    expect(capFrame(small)).toBe(small)
  })
})
