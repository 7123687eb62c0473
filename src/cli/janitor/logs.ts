import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { relative } from '../print/format-time.ts'
import { type Chore, NOTHING_KEPT, namesIn, type Plan } from './chore.ts'
import { isDue, type Look } from './look.ts'

/** Logs that nobody writes any more: rotated ones, and those of children that are not in the manifest. */
export const planLogs = (look: Look): Plan => {
  const { layout, manifest, nowMs } = look
  const children = ['supervisor', ...Object.keys(manifest.lanes), ...Object.keys(manifest.services)]
  const written = new Set(children.map((child) => `${child}.log`))
  const chores = namesIn(layout.logs).flatMap((name): Chore[] => {
    const path = join(layout.logs, name)
    const facts = statSync(path)
    if (!facts.isFile() || written.has(name) || !isDue(look, facts.mtimeMs, manifest.retention.logsMs))
      return []
    const item = {
      subject: name,
      why: `nobody has written it since ${relative(nowMs, facts.mtimeMs)}`,
      bytes: facts.size,
    }
    const act = async () => {
      rmSync(path, { force: true })
      return NOTHING_KEPT
    }
    return [{ kind: 'log', items: [item], act }]
  })
  return { chores, kept: [] }
}
