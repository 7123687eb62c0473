import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RefusingServer {
  readonly url: string
  /** How many requests have come. */
  asked(): number
  close(): void
}

/** A refusal that every provider's client understands as one of its own. */
const UNAUTHORIZED = JSON.stringify({
  type: 'error',
  error: {
    type: 'authentication_error',
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'This key is not valid: oc-supervise is only trying this program.',
  },
})

/**
 * Stands in for a model's service on loopback while a program is tried. It knows no protocol: it refuses every request
 * as unauthorized, or never answers it.
 */
export const startRefusingServer = (answer: 'refuse' | 'hold'): Promise<RefusingServer> => {
  let asked = 0
  const server: Server = createServer((request, response) => {
    asked += 1
    request.resume()
    if (answer === 'refuse')
      request.on('end', () =>
        response.writeHead(401, { 'content-type': 'application/json' }).end(UNAUTHORIZED),
      )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        asked: () => asked,
        close: () => {
          server.closeAllConnections()
          server.close()
        },
      }),
    )
  })
}
