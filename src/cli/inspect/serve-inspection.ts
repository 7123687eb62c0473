import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Store } from '../../durable/store.ts'
import { systemClock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { durableMachines } from '../compose/durable-machines.ts'
import { RefusedError } from '../report-error.ts'
import { capFrame } from './cap-frame.ts'
import { type FeedOptions, inspectionFeed } from './inspection-feed.ts'

/** An inspection feed that is being served. */
export interface InspectionServer {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

/** Viewers only listen; nothing they could send is long. */
const MAX_MESSAGE_BYTES = 1024

/**
 * Serves the inspection feed over a WebSocket on 127.0.0.1, each viewer from its own beginning. It only reads: a viewer
 * that is slow, or goes away, holds up nobody else.
 * @param options.port 0 takes any free one. @param options.target an actor; without it all are told
 * @throws RefusedError `port_in_use`
 */
export const serveInspection = async (options: {
  readonly store: Store
  readonly layout: Pick<StateLayout, 'journal'>
  readonly port: number
  readonly target?: string | null
  readonly from?: FeedOptions['from']
}): Promise<InspectionServer> => {
  const { store, layout, target = null, from = 'now' } = options
  const feed = {
    store,
    journal: layout.journal,
    clock: systemClock,
    machines: durableMachines(),
    target,
    from,
  }
  const http = createServer((_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain' })
      .end('an inspection feed: connect with a WebSocket\n')
  })
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  http.on('upgrade', (request, socket, head) => {
    if (isLocal(request)) server.handleUpgrade(request, socket, head, (viewer) => void tell(viewer, feed))
    else refuse(socket)
  })
  const port = await listen(http, options.port)
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

/** Sends frames as fast as the viewer takes them, and no faster: what it has not taken stays in the journal. */
const tell = async (socket: WebSocket, feed: FeedOptions): Promise<void> => {
  const gone = new AbortController()
  socket.on('close', () => gone.abort())
  socket.on('error', () => socket.terminate())
  try {
    for await (const frame of inspectionFeed(feed, { once: false, signal: gone.signal })) {
      if (!(await sent(socket, JSON.stringify(capFrame(frame))))) return
    }
  } catch (error) {
    // A close reason holds 123 bytes.
    socket.close(1011, `the journal cannot be read: ${(error as Error).message}`.slice(0, 100))
  }
}

const sent = (socket: WebSocket, text: string): Promise<boolean> =>
  new Promise((resolve) => socket.send(text, (error) => resolve(error === undefined || error === null)))

/**
 * Web pages of others may not look in: a browser lets any page connect to 127.0.0.1, and names the page in `Origin`. A
 * foreign `Host` means that a page's own name was made to point here.
 */
const isLocal = ({ headers }: IncomingMessage): boolean =>
  LOCAL_HOST.test(headers.host ?? '') && (headers.origin === undefined || LOCAL_ORIGIN.test(headers.origin))

const LOCAL_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/
const LOCAL_ORIGIN = /^https?:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/

const refuse = (socket: Duplex): void => {
  socket.on('error', () => {})
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

const listen = (http: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    // It stays for good: a later error of the listener must not take the process with it.
    http.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new RefusedError(
          'port_in_use',
          `port ${port} cannot be had (${error.code}); name another, or 0 for any free one`,
        ),
      ),
    )
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port))
  })
