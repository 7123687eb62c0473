import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../../platform/remove-tree.ts'
import { relative } from '../print/format-time.ts'
import { bytesOf, type Chore, NOTHING_KEPT, namesIn, type Plan } from './chore.ts'
import { isDue, type Look } from './look.ts'

/**
 * Logs that nobody writes any more: rotated ones, those of children that are not in the manifest, and what setup said,
 * with the HOMEs that a crash left of it.
 */
export const planLogs = (look: Look): Plan => {
  const { layout, manifest, ended, alive } = look
  const children = ['supervisor', ...Object.keys(manifest.lanes), ...Object.keys(manifest.services)]
  const written = new Set(children.map((child) => `${child}.log`))
  const over = new Set<string>(ended.flatMap(({ attempts }) => attempts))
  const isLeft = (home: string): boolean => {
    const attempt = home.replace(/-home(?:\.\w+)?$/, '')
    return over.has(attempt) && alive?.has(attempt) === false
  }
  const names = [
    ...namesIn(layout.logs).filter((name) => isFile(join(layout.logs, name)) && !written.has(name)),
    ...namesIn(join(layout.logs, 'setup'))
      .filter((name) => isFile(join(layout.logs, 'setup', name)) || isLeft(name))
      .map((name) => `setup/${name}`),
  ]
  return { chores: names.flatMap((name) => choreOf(look, name)), kept: [] }
}

const choreOf = (look: Look, name: string): Chore[] => {
  const path = join(look.layout.logs, name)
  const { mtimeMs } = lstatSync(path)
  if (!isDue(look, mtimeMs, look.manifest.retention.logsMs)) return []
  const item = {
    subject: name,
    why: `nobody has written it since ${relative(look.nowMs, mtimeMs)}`,
    bytes: bytesOf(path),
  }
  const act = async () => {
    await removeTree(path)
    return NOTHING_KEPT
  }
  return [{ kind: 'log', items: [item], act }]
}

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
