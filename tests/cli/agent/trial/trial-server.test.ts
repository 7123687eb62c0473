import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { startTrialServer, type TrialServer } from '../../../../src/cli/agent/trial/trial-server.ts'

let server: TrialServer
afterEach(() => server.close())

/** Sends `mebibytes` in one request. @returns the status, or null where the connection was closed. */
const send = (mebibytes: number): Promise<number | null> =>
  new Promise((resolve) => {
    const outgoing = request(`${server.url}/chat/completions`, { method: 'POST' }, (response) => {
      resolve(response.statusCode ?? null)
      response.resume()
    })
    outgoing.on('error', () => resolve(null))
    for (let sent = 0; sent < mebibytes; sent += 1) outgoing.write(Buffer.alloc(2 ** 20, ' '))
    outgoing.end()
  })

test('what a program asks is read to a limit, in one request or in many', async () => {
  server = await startTrialServer('refuse')
  expect([await send(30), await send(30), await send(30), await send(1)]).toEqual([401, 401, null, null])
})

test('a request without end is not read to it', async () => {
  server = await startTrialServer('refuse')
  expect(await send(100)).toBeNull()
})
