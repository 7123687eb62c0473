import { parseArgs } from 'node:util'
import { startModelServer } from './model-server.ts'
import { isScenario, SCENARIOS } from './scenarios.ts'

/**
 * The model server as a program: `node main.ts [--port N] [--scenario NAME] [--recordings FOLDER]`.
 * Prints `{"url": …}` when it serves; `GET /requests` tells what came in.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    scenario: { type: 'string', default: 'edit' },
    recordings: { type: 'string' },
  },
})

if (!isScenario(values.scenario)) {
  process.stderr.write(
    `there is no scenario "${values.scenario}"; there are ${Object.keys(SCENARIOS).join(', ')}\n`,
  )
  process.exit(2)
}
const server = await startModelServer({
  port: Number(values.port),
  scenario: values.scenario,
  ...(values.recordings === undefined ? {} : { recordings: values.recordings }),
})
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
