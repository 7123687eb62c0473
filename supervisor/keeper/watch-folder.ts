import { watch } from 'node:fs'

/**
 * Calls `onChange` with the name of each file that changes in a folder. Only a hint: it may miss changes, and stays
 * silent where the system has no watches left, so whoever needs the truth also looks from time to time.
 * @returns how to end it.
 */
export const watchFolder = (dir: string, onChange: (name: string) => void): (() => void) => {
  try {
    const watcher = watch(dir, (_event, name) => {
      if (name !== null) onChange(name)
    })
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}
