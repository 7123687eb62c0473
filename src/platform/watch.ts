import { watch } from 'chokidar'

/**
 * Calls `onChange` with the path of every file under `paths` that appears, changes or goes away. A watch is a hint
 * and may lose events (and falls silent on an error): whoever needs the truth looks at it from time to time as well.
 */
export const watchPaths = (
  paths: string[],
  onChange: (path: string) => void,
): { ready: Promise<void>; close(): Promise<void> } => {
  const watcher = watch(paths, { ignoreInitial: true, awaitWriteFinish: false })
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  watcher.on('ready', resolve)
  watcher.on('error', () => {})
  for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, (path) => onChange(path))
  return {
    ready,
    close: async () => {
      resolve()
      await watcher.close()
    },
  }
}
