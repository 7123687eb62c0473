import { readManifest } from '../compose/read-manifest.ts'
import { childSpecs, GROUPS, pinLanes } from './child-specs.ts'
import { containmentLine } from './containment-line.ts'

/** `run --dry-run`: what would be started, in which order. Reads the manifest and nothing else; writes nothing. */
export const describeRun = (path: string, json: boolean): void => {
  const { manifest } = readManifest(path)
  const specs = childSpecs(manifest, pinLanes(manifest, manifest.hash, {}))
  const children = GROUPS.flatMap((group) => specs.filter((spec) => spec.group === group.id)).map((spec) => ({
    id: spec.id,
    group: spec.group,
    restart: spec.restart,
    argv: spec.start.argv,
  }))
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ name: manifest.name, stateDir: manifest.stateDir, hash: manifest.hash, children })}\n`,
    )
    return
  }
  const lines = children.map(
    ({ id, group, restart }) => `  ${group.padEnd(12)} ${id.padEnd(16)} restart ${restart}`,
  )
  process.stdout.write(
    `${manifest.name}: would run in ${manifest.stateDir}\n${lines.join('\n')}\n${containmentLine(manifest)}\n`,
  )
}
