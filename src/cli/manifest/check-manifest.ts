import { loadManifest } from '../../manifest/load-manifest.ts'
import { formatProblem } from '../../manifest/manifest-problem.ts'
import { loadPorts } from '../compose/load-ports.ts'
import { manifestPath } from '../compose/read-manifest.ts'
import { printAnswer } from '../print/print-answer.ts'
import { oneLine } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/**
 * `manifest check`. With `--json` the problems stand in the object, too.
 * @throws UsageError that lists every problem.
 */
export const checkManifest = async (option: string | undefined, asJson: boolean): Promise<void> => {
  const path = manifestPath(option)
  const loaded = loadManifest(path, loadPorts(process.env))
  if (loaded.ok) {
    const { name, hash, lanes } = loaded.manifest
    return printAnswer(asJson, async () => ({
      json: { ok: true, file: path, name, hash, problems: [] },
      text: `${oneLine(path)}: in order; ${name}, lanes ${Object.keys(lanes).join(', ') || 'none'}, hash ${hash}`,
    }))
  }
  const { problems } = loaded
  if (asJson) await printAnswer(true, async () => ({ json: { ok: false, file: path, problems }, text: '' }))
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new UsageError(
    `the manifest has ${count}:\n${problems.map((each) => `  ${oneLine(formatProblem(each))}`).join('\n')}`,
  )
}
