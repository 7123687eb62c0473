import type { ServerResponse } from 'node:http'
import type { Reply, ServerEvent, Wire, WireRequest } from './wire.ts'

/** Answers a request in its own format, as a stream where it asked for one. */
export const sendReply = (outgoing: ServerResponse, wire: Wire, reply: Reply, request: WireRequest): void => {
  if (!request.stream) sendJson(outgoing, 200, wire.whole(reply, request))
  else outgoing.writeHead(200, SSE_HEADERS).end(wire.events(reply, request).map(sseOf).join(''))
}

/** Answers with one JSON value. */
export const sendJson = (
  outgoing: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const SSE_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }

/** One server-sent event as it goes over the wire. */
export const sseOf = ({ event, data }: ServerEvent): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
