import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type RecordedStep, Recording, type RecordingQuery, stepsFor, titleSlug } from './recording.ts'

type FoundRecording =
  | { readonly ok: true; readonly file: string; readonly steps: readonly RecordedStep[] }
  | { readonly ok: false; readonly message: string }

/**
 * Chooses the recording for one attempt: `<title slug>.attempt-N.json`, then `<title slug>.json`, then the first
 * file in name order whose entries fit by `when`. A file that cannot be read names itself and the place.
 */
export const findRecording = (folder: string, query: RecordingQuery): FoundRecording => {
  const names = listRecordings(folder)
  if (names === null) return { ok: false, message: `the folder of recordings ${folder} cannot be read` }
  const slug = titleSlug(query.title)
  const named = [`${slug}.attempt-${query.attempt}.json`, `${slug}.json`].filter((name) =>
    names.includes(name),
  )
  const mapped = names.filter((name) => !named.includes(name))
  for (const name of named) {
    const read = readRecording(join(folder, name))
    if (!read.ok) return read
    const steps = stepsFor(read.recording, query)
    if (steps !== null) return { ok: true, file: name, steps }
  }
  for (const name of mapped) {
    const read = readRecording(join(folder, name))
    if (!read.ok) return read
    const steps = 'runs' in read.recording ? stepsFor(read.recording, query) : null
    if (steps !== null) return { ok: true, file: name, steps }
  }
  return {
    ok: false,
    message: `no recording in ${folder} fits "${query.title}", attempt ${query.attempt}; add ${slug}.attempt-${query.attempt}.json`,
  }
}

const listRecordings = (folder: string): string[] | null => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
  } catch {
    return null
  }
}

type ReadRecording = { ok: true; recording: Recording } | { ok: false; message: string }

const readRecording = (file: string): ReadRecording => {
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return { ok: false, message: `${file} is not a recording: ${(error as Error).message}` }
  }
  const parsed = Recording.safeParse(data)
  return parsed.success
    ? { ok: true, recording: parsed.data }
    : { ok: false, message: `${file} is not a recording: ${z.prettifyError(parsed.error)}` }
}
