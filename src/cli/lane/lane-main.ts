/** The program of one lane: `lane-main LANE MANIFEST`, started by the supervisor with its registration in the environment. */
import { readChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import { LaneName } from '../../contracts/lane-name.ts'
import { loadStoredManifest } from '../compose/stored-manifest.ts'
import { serveLane } from './serve-lane.ts'

const [lane, content] = process.argv.slice(2)

const main = async (): Promise<void> => {
  const child = readChildContext(process.env)
  const manifest = loadStoredManifest(child.layout, content ?? '')
  await serveLane({ lane: LaneName.parse(lane), child, manifest })
}

main().catch((error: unknown) => {
  process.stderr.write(
    `lane ${lane}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = 1
})
