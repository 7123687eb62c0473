import { readFileSync } from 'node:fs'
import { InvalidTaskText } from '../../board/invalid-task-text.ts'
import { parseTask } from '../../board/parse-task.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { TaskKind } from '../../contracts/lane-name.ts'
import { type BoardState, Priority, type TaskSpec } from '../../contracts/task.ts'
import { systemClock } from '../../platform/clock.ts'
import { newId } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { manifestPath, readManifest } from '../compose/read-manifest.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import { currentManifest } from '../compose/stored-manifest.ts'
import { oneOf } from '../look/option-values.ts'
import { turnOnLane } from '../look/turn-on-lane.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { person, withBoard } from './board-session.ts'

export interface AddOptions extends StateOptions {
  readonly goal?: string
  readonly file?: string
  readonly title?: string
  readonly repo?: string
  readonly kind?: string
  readonly priority?: string
  readonly label?: readonly string[]
  readonly backlog?: boolean
}

/** A task's text may be long, but not a flood. */
const MAX_TEXT_BYTES = 256 * 1024

/**
 * `task add`: parses and validates the text, then puts it on the board. What keeps it from ever being taken up is said,
 * and refuses nothing: a lane may be turned on later, a task that it depends on added.
 * @throws UsageError with the place that is wrong.
 */
export const addTask = async (options: AddOptions): Promise<Answer> => {
  const manifest = await knownManifest(options)
  const repos = Object.keys(manifest.repos)
  const spec = understand(options, repos)
  if (!repos.includes(spec.repo)) {
    throw new UsageError(
      `repository ${quoted(spec.repo)} is not in the manifest, which knows ${repos.join(', ')}`,
    )
  }
  const state = options.backlog === true ? 'Backlog' : 'Ready'
  return withBoard(
    options,
    async ({ board, layout }) => {
      await board.add(spec, state, person())
      ringDoorbell(layout.doorbell(spec.kind))
      const warnings = [
        ...(manifest.lanes[spec.kind] === undefined ? [turnOnLane(spec.kind)] : []),
        ...(await board.waitingFor(spec.id)).flatMap(unknownTask),
      ]
      return {
        json: { id: spec.id, state, title: spec.title, warnings },
        text: [
          `${spec.id} is ${state}; ${prospect(layout, spec, state, warnings)}`,
          ...warnings.map((each) => `warning: ${each}`),
        ].join('\n'),
      }
    },
    true,
  )
}

/** From the manifest where the command names one, else from the one in force in the state folder. */
const knownManifest = async (options: StateOptions): Promise<CompiledManifest> =>
  options.stateDir === undefined && options.name === undefined
    ? readManifest(manifestPath(options.manifest)).manifest
    : currentManifest(stateLayout(await selectStateDir(options)))

/** Who takes it up, in words that promise nothing that cannot happen. */
const prospect = (
  layout: StateLayout,
  { kind }: TaskSpec,
  state: BoardState,
  warnings: readonly string[],
): string => {
  if (state === 'Backlog') return 'no lane claims it until it is moved to Ready'
  return warnings.length === 0 ? whoConsumes(layout, kind).message : 'nobody takes it up as things are'
}

const unknownTask = ({ taskId, state }: { taskId: string; state: string | null }): string[] =>
  state === null ? [`it depends on ${taskId}, and there is no such task yet`] : []

const understand = (options: AddOptions, repos: readonly string[]): TaskSpec => {
  const repo = options.repo ?? (repos.length === 1 ? repos[0] : undefined)
  const text = textOfTask(options)
  const names = /^##[ \t]+execution/im.test(text)
  const kind = oneOf('--kind', TaskKind.options, options.kind)
  const priority = oneOf('--priority', Priority.options, options.priority)
  const labels = [
    ...(options.label ?? []),
    ...(options.repo === undefined && names ? [] : repo === undefined ? [] : [`repo: ${repo}`]),
    ...(kind === undefined ? [] : [`task-kind: ${kind}`]),
    ...(priority === undefined ? [] : [`priority: ${priority}`]),
  ]
  try {
    return parseTask({
      id: newId('task'),
      title: options.title ?? null,
      text,
      labels,
      author: person().name,
      trust: 'trusted',
      createdAtMs: systemClock.wallMs(),
      parent: null,
    })
  } catch (error) {
    if (error instanceof InvalidTaskText) throw new UsageError(error.message)
    throw error
  }
}

const textOfTask = ({ goal, file }: AddOptions): string => {
  if ((goal === undefined) === (file === undefined)) {
    throw new UsageError('say what is to be done: exactly one of --goal TEXT and --file FILE')
  }
  const text = goal ?? readText(file ?? '')
  if (Buffer.byteLength(text) <= MAX_TEXT_BYTES) return text
  throw new UsageError(
    `the task's text is longer than ${MAX_TEXT_BYTES / 1024} KiB; shorten it, or link to the long part`,
  )
}

const readText = (file: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new UsageError(`--file ${quoted(file)} is not UTF-8; save it as UTF-8`)
    throw new UsageError(`--file ${quoted(file)} cannot be read (${code})`)
  }
}
