import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { JsonValue } from '../../contracts/json.ts'
import { readJsonFile, writeJsonAtomic } from '../../platform/atomic-file.ts'
import { sha256 } from '../../platform/sha256.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { RefusedError } from '../report-error.ts'

/** manifests/current.json: the manifest in force, so that commands need no YAML. */
const Current = z.object({ v: z.literal(1), content: z.string().regex(/^[0-9a-f]{64}$/) })

/**
 * Keeps a compiled manifest under the hash of its content, where lanes and running attempts find it again.
 * @returns that hash: the name by which a lane is told what to run.
 */
export const storeManifest = (layout: StateLayout, manifest: CompiledManifest): string => {
  const text = canonicalJson(manifest as unknown as JsonValue)
  const content = sha256(text)
  mkdirSync(layout.manifests, { recursive: true, mode: 0o700 })
  const file = fileOf(layout, content)
  if (readStored(file, content) === null) writeJsonAtomic(file, JSON.parse(text), { mode: 0o600 })
  return content
}

/** Makes a stored manifest the one in force. */
export const setCurrentManifest = (layout: StateLayout, content: string): void =>
  writeJsonAtomic(currentFile(layout), { v: 1, content }, { mode: 0o600 })

/**
 * Reads a stored manifest back and proves that it is the one its name says.
 * @throws RefusedError `manifest_altered` when it is missing or its content has another hash.
 */
export const loadStoredManifest = (layout: StateLayout, content: string): CompiledManifest => {
  const file = fileOf(layout, content)
  const value = readStored(file, content)
  if (value !== null) return value as unknown as CompiledManifest
  throw new RefusedError(
    'manifest_altered',
    `${file} is missing, or is not what was stored there; start \`oc-supervise run\` again`,
  )
}

/** Null where there is no such file, or one of another content than its name says. */
const readStored = (file: string, content: string): JsonValue | null => {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as JsonValue
    return sha256(canonicalJson(value)) === content ? value : null
  } catch {
    return null
  }
}

/**
 * The manifest in force in a state folder.
 * @throws RefusedError `never_run` when no run has ever started there.
 */
export const currentManifest = (layout: StateLayout): CompiledManifest => {
  const read = readJsonFile(currentFile(layout), Current)
  if (read.ok) return loadStoredManifest(layout, read.value.content)
  throw new RefusedError(
    'never_run',
    read.reason === 'missing'
      ? `${layout.root} holds no system yet; start one with \`oc-supervise run --manifest FILE\``
      : read.message,
  )
}

const fileOf = (layout: StateLayout, content: string): string => join(layout.manifests, `${content}.json`)
const currentFile = (layout: StateLayout): string => join(layout.manifests, 'current.json')
