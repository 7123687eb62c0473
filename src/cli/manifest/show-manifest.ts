import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { effectiveManifest, formatEffective } from '../../manifest/effective-manifest.ts'
import { manifestPath, readManifest } from '../compose/read-manifest.ts'
import { duration } from '../print/format-time.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { manyLines } from '../print/visible.ts'

/** `manifest show`: what a manifest comes to, or with `effective` each value in force and its origin. */
export const showManifest = (option: string | undefined, effective: boolean): Answer => {
  const { manifest, parsed } = readManifest(manifestPath(option))
  if (!effective) return { json: { manifest }, text: outlineOf(manifest) }
  const values = effectiveManifest(parsed, manifest.stateDir)
  return {
    json: { name: manifest.name, hash: manifest.hash, values },
    text: manyLines(formatEffective(values)),
  }
}

const outlineOf = (manifest: CompiledManifest): string => {
  const { repos, agents, lanes, services, gates, sandbox } = manifest
  const lines = (entries: readonly string[]): string | null =>
    entries.length === 0 ? null : entries.join('\n')
  const operators = gates.operators.map(({ name }) => name).join(', ') || 'nobody named'
  const facts = formatFacts([
    ['file', manifest.path],
    ['hash', manifest.hash],
    ['state', manifest.stateDir],
    [
      'repos',
      lines(
        Object.values(repos).map(
          ({ key, url, merge, checks }) => `${key}: ${url}, merge ${merge}, ${checks.length} checks`,
        ),
      ),
    ],
    [
      'agents',
      lines(
        Object.values(agents).map(
          ({ key, type, timeoutMs }) => `${key}: ${type}, at most ${duration(timeoutMs)}`,
        ),
      ),
    ],
    [
      'lanes',
      lines(
        Object.values(lanes).map(
          ({ lane, agent, concurrency }) => `${lane}: ${agent ?? 'no agent'}, ${concurrency} at once`,
        ),
      ),
    ],
    [
      'services',
      lines(
        Object.values(services).map(
          ({ name, command, restart }) => `${name}: ${command.join(' ')} (restart ${restart})`,
        ),
      ),
    ],
    ['gates', `signing ${gates.signing}; ${operators}; open for ${duration(gates.expiresAfterMs)}`],
    ['sandbox', sandbox],
  ])
  return `${manifest.name}\n${facts}`
}
