import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RecordedStep, Recording, stepsFor, titleSlug } from '../../../src/agents/recording.ts'
import type { Action } from './action.ts'

/**
 * What the recording for a prompt does, as actions: the one whose name stands in the prompt, the longest name first.
 * The recording of a first attempt that goes wrong on purpose (`.attempt-N`) is passed over.
 * @throws Error where no recording fits.
 */
export const recordedPlan = (folder: string, prompt: string): Action[] => {
  const asked = titleSlug(prompt)
  const name = readdirSync(folder)
    .filter((file) => /^[^.]+\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort((one, other) => other.length - one.length)
    .find((slug) => asked.includes(slug))
  if (name === undefined) throw new Error(`no recording in ${folder} fits "${prompt.slice(0, 200)}"`)
  const recording = Recording.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')))
  return (stepsFor(recording, { title: name, attempt: 1 }) ?? []).flatMap(actionOf)
}

const actionOf = (step: RecordedStep): Action[] => {
  if (step.do === 'read' || step.do === 'delete') return [{ do: step.do, path: step.path }]
  if (step.do !== 'edit') return []
  if (step.replace === undefined) return [{ do: 'write', path: step.path, content: step.content ?? '' }]
  return [{ do: 'replace', path: step.path, ...step.replace }]
}
