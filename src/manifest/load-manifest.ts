import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { CompileContext } from './compile-context.ts'
import { compileManifest } from './compile-manifest.ts'
import type { ManifestProblem } from './manifest-problem.ts'
import { type ParsedManifest, parseManifest } from './parse-manifest.ts'
import { MAX_MANIFEST_BYTES } from './read-yaml.ts'

/** What the command line hands in: its environment, and the questions that others answer. */
export type LoadPorts = Pick<
  CompileContext,
  'environment' | 'agentTypes' | 'operatorsFromKeys' | 'sandbox' | 'contradictions'
>

export type LoadResult =
  | { readonly ok: true; readonly manifest: CompiledManifest; readonly parsed: ParsedManifest }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] }

/** Reads, validates and compiles the manifest at `path`. Nothing is thrown: a file that cannot be read is a problem too. */
export const loadManifest = (path: string, ports: LoadPorts): LoadResult => {
  const absolute = resolve(path)
  const read = readText(absolute)
  if (!read.ok) {
    const message = `the manifest cannot be read (${read.reason})`
    return {
      ok: false,
      problems: [
        {
          file: path,
          line: 1,
          column: 1,
          key: '',
          message,
          remedy: 'name a readable YAML file with --manifest',
        },
      ],
    }
  }
  const result = parseManifest(read.text, path)
  if (!result.ok) return result
  const compiled = compileManifest(result.parsed, { ...ports, path: absolute, readText, realPath })
  return compiled.ok ? { ok: true, manifest: compiled.manifest, parsed: result.parsed } : compiled
}

/** A regular file of at most 1 MiB in UTF-8; larger files are not even read. */
const readText: CompileContext['readText'] = (path) => {
  try {
    const facts = statSync(path)
    if (!facts.isFile()) return { ok: false, reason: 'it is not a regular file' }
    if (facts.size > MAX_MANIFEST_BYTES)
      return { ok: false, reason: `it has ${facts.size} bytes, more than 1 MiB` }
    return {
      ok: true,
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)),
    }
  } catch (error) {
    return { ok: false, reason: error instanceof TypeError ? 'it is not UTF-8 text' : reasonOf(error) }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'we are not allowed to',
  ENOTDIR: 'there is no such folder',
}

const reasonOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return REASONS[code] ?? (code === '' ? String(error) : code)
}

/** The deepest part that exists, with links followed, and the rest as it is: state folders are made later. */
export const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), path.slice(parent.length))
  }
}
