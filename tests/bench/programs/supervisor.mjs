// A supervisor and nothing else. Plain JavaScript, because what Node needs to strip types would be measured with it.
import { readFileSync } from 'node:fs'

const { module, layoutModule, stateDir, specs, groups } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { createSupervisor } = await import(module)
const { stateLayout } = await import(layoutModule)
const supervisor = createSupervisor({ specs, groups, layout: stateLayout(stateDir) })
process.on('SIGTERM', () => void supervisor.stop())
await supervisor.start()
await supervisor.stopped
