import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findRecording } from './find-recording.ts'
import { insideWorkspace } from './inside-workspace.ts'
import type { RecordedStep } from './recording.ts'

/**
 * The program behind agents of type `recorded`: `node recorded-player.ts RECORDINGS TITLE ATTEMPT`, run in the
 * workspace. It replays one recording and writes one JSON line a step; every line says `"recorded": true`.
 * Exit: what an `exit` step says, else 0; 3 where no recording fits or a step cannot be done.
 */
const main = async (): Promise<number> => {
  const [recordings, title, attempt] = process.argv.slice(2)
  if (recordings === undefined || title === undefined || attempt === undefined) {
    return refuse('usage: recorded-player RECORDINGS TITLE ATTEMPT')
  }
  const found = findRecording(recordings, { title, attempt: Number(attempt) })
  if (!found.ok) return refuse(found.message)
  say({ type: 'recording_started', file: found.file, title, attempt: Number(attempt) })
  for (const [index, step] of found.steps.entries()) {
    if (step.do === 'exit') return finish(step.code)
    const problem = await perform(process.cwd(), step)
    if (problem !== null) return refuse(`${found.file}: step ${index + 1} (${step.do}): ${problem}`)
  }
  return finish(0)
}

/** Does one step; returns why it could not be done. */
const perform = async (
  workspace: string,
  step: Exclude<RecordedStep, { do: 'exit' }>,
): Promise<string | null> => {
  if (step.do === 'wait') {
    say({ type: 'wait', ms: step.ms })
    await delay(step.ms)
    return null
  }
  if (step.do === 'output') {
    say({ type: 'output', text: step.text })
    if (step.to === 'stderr') process.stderr.write(`${step.text}\n`)
    return null
  }
  const path = insideWorkspace(workspace, step.path)
  if (path === null) return `${step.path} is not inside the workspace`
  say({ type: step.do, path: step.path })
  return touchFile(path, step)
}

const touchFile = (
  path: string,
  step: Extract<RecordedStep, { do: 'read' | 'edit' | 'delete' }>,
): string | null => {
  try {
    if (step.do === 'delete') rmSync(path, { recursive: true })
    else if (step.do === 'read') readFileSync(path)
    else if (step.replace !== undefined) return replaceOnce(path, step.replace)
    else writeWhole(path, step.content ?? '')
    return null
  } catch (error) {
    return (error as Error).message
  }
}

const writeWhole = (path: string, content: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const replaceOnce = (path: string, replace: { find: string; with: string }): string | null => {
  const text = readFileSync(path, 'utf8')
  const places = text.split(replace.find).length - 1
  if (places !== 1) return `"find" stands ${places} times in the file; it must stand once`
  writeFileSync(
    path,
    text.replace(replace.find, () => replace.with),
  )
  return null
}

const say = (event: Record<string, string | number | boolean>): void => {
  process.stdout.write(`${JSON.stringify({ ...event, recorded: true })}\n`)
}

const finish = (code: number): number => {
  say({ type: 'recording_finished', success: code === 0, code })
  return code
}

const refuse = (message: string): number => {
  say({ type: 'recording_finished', success: false, code: 3, message })
  process.stderr.write(`${message}\n`)
  return 3
}

process.exitCode = await main()
