import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Instant } from '../src/contracts/instant.ts'
import { readJsonFile, writeJsonAtomic } from '../src/platform/atomic-file.ts'
import type { Clock } from '../src/platform/clock.ts'
import { randomHex } from '../src/platform/random.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import { tryWrite } from '../src/platform/try-write.ts'

/** What a person may ask of a running supervisor. */
export const Ask = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('stop'),
    drain: z.boolean().default(false),
    keepAgents: z.boolean().default(false),
    kill: z.boolean().default(false),
  }),
  z.object({ ask: z.literal('pause') }),
  z.object({ ask: z.literal('unpause') }),
  /** Null: every child. */
  z.object({ ask: z.literal('restart'), child: z.string().min(1).nullable() }),
])
export type Ask = z.infer<typeof Ask>

/** requests/<id>.json */
export const Request = z.object({ v: z.literal(1), id: z.string(), at: Instant, by: z.string(), what: Ask })
export type Request = z.infer<typeof Request>

/** requests/<id>.answer.json */
export const RequestAnswer = z.object({
  v: z.literal(1),
  id: z.string(),
  at: Instant,
  ok: z.boolean(),
  message: z.string(),
})
export type RequestAnswer = z.infer<typeof RequestAnswer>

/** Leaves a request for the supervisor and answers with its id. Whole or not at all; nothing happens without a supervisor. */
export const writeRequest = (
  layout: StateLayout,
  request: { readonly what: z.input<typeof Ask>; readonly by: string },
  clock: Clock,
): string => {
  mkdirSync(layout.requests, { recursive: true, mode: 0o700 })
  const id = `req-${randomHex(8)}`
  writeJsonAtomic(requestPath(layout, id), {
    v: 1,
    id,
    at: clock.now(),
    by: request.by,
    what: Ask.parse(request.what),
  })
  return id
}

/** The supervisor's answer to a request, or null while there is none. The asker removes it with `forgetAnswer`. */
export const readAnswer = (layout: StateLayout, id: string): RequestAnswer | null => {
  const read = readJsonFile(answerPath(layout, id), RequestAnswer)
  return read.ok ? read.value : null
}

/** Takes a request back that nobody is there to answer any more. */
export const withdrawRequest = (layout: StateLayout, id: string): void =>
  rmSync(requestPath(layout, id), { force: true })

/** Removes an answer that was read. */
export const forgetAnswer = (layout: StateLayout, id: string): void =>
  rmSync(answerPath(layout, id), { force: true })

export type PendingRequest = { readonly request: Request } | { readonly id: string; readonly refused: string }

/** Every request that waits, oldest first; one that cannot be read comes as the reason why. */
export const pendingRequests = (layout: StateLayout): PendingRequest[] => {
  const found = requestIds(layout).flatMap((id): PendingRequest[] => {
    const read = readJsonFile(requestPath(layout, id), Request)
    if (read.ok) return [{ request: read.value }]
    return read.reason === 'missing' ? [] : [{ id, refused: read.message }]
  })
  return found.sort((a, b) => atOf(a) - atOf(b))
}

/**
 * Answers a request and takes it away. The answer comes first: a crash between the two only repeats the request. Where the
 * disk does not take it, whoever asked hears nothing; asked again at every tick, a stop would become a kill.
 */
export const answerRequest = (
  layout: StateLayout,
  id: string,
  answer: { readonly ok: boolean; readonly message: string },
  clock: Clock,
): void => {
  tryWrite(() => writeJsonAtomic(answerPath(layout, id), { v: 1, id, at: clock.now(), ...answer }))
  rmSync(requestPath(layout, id), { force: true })
}

const requestIds = (layout: StateLayout): string[] => {
  try {
    return readdirSync(layout.requests).flatMap((name) => /^([a-z0-9-]+)\.json$/.exec(name)?.[1] ?? [])
  } catch {
    return []
  }
}

const atOf = (found: PendingRequest): number => ('request' in found ? found.request.at.wallMs : 0)

const requestPath = (layout: StateLayout, id: string): string => join(layout.requests, `${id}.json`)
const answerPath = (layout: StateLayout, id: string): string => join(layout.requests, `${id}.answer.json`)
