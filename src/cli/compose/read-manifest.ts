import { existsSync } from 'node:fs'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { loadManifest } from '../../manifest/load-manifest.ts'
import { formatProblem } from '../../manifest/manifest-problem.ts'
import type { ParsedManifest } from '../../manifest/parse-manifest.ts'
import { UsageError } from '../report-error.ts'
import { loadPorts } from './load-ports.ts'

const DEFAULT_FILE = 'oc-supervise.yaml'

/**
 * The manifest file a command works on: `--manifest`, then $OC_SUPERVISE_MANIFEST, then ./oc-supervise.yaml.
 * @throws UsageError when none of them is there.
 */
export const manifestPath = (option: string | undefined): string => {
  const named = option ?? process.env.OC_SUPERVISE_MANIFEST
  if (named !== undefined) return named
  if (existsSync(DEFAULT_FILE)) return DEFAULT_FILE
  throw new UsageError(
    `no manifest: name one with --manifest FILE or $OC_SUPERVISE_MANIFEST, or put ${DEFAULT_FILE} here`,
  )
}

/**
 * Reads and compiles a manifest.
 * @throws UsageError that lists every problem with file, line, column and remedy.
 */
export const readManifest = (path: string): { manifest: CompiledManifest; parsed: ParsedManifest } => {
  const loaded = loadManifest(path, loadPorts(process.env))
  if (loaded.ok) return loaded
  const count = loaded.problems.length === 1 ? 'a problem' : `${loaded.problems.length} problems`
  throw new UsageError(
    `the manifest has ${count}:\n${loaded.problems.map((each) => `  ${formatProblem(each)}`).join('\n')}`,
  )
}
