import { closeSync, openSync, readSync } from 'node:fs'

/** Tells each new whole line of a file that somebody else writes. */
export const followFile = (path: string, tell: (line: string) => void): { look(): void } => {
  let offset = 0
  let rest = ''
  return {
    look: () => {
      const file = openSync(path, 'r')
      try {
        const chunk = Buffer.alloc(64 * 1024)
        for (let size = 1; size > 0; ) {
          size = readSync(file, chunk, 0, chunk.length, offset)
          offset += size
          const lines = `${rest}${chunk.toString('utf8', 0, size)}`.split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) tell(line)
        }
      } finally {
        closeSync(file)
      }
    },
  }
}
