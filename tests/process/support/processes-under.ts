import { readdirSync, readFileSync } from 'node:fs'

/**
 * Every process whose environment or arguments name a folder: lanes, keepers, agents and whatever they started, found
 * without any record of ours. Zombies have neither and are not among them.
 */
export const processesUnder = (dir: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['environ', 'cmdline'].some((file) => readOrEmpty(`/proc/${pid}/${file}`).includes(dir)))
    .map(Number)

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
