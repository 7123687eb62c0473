import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentMb } from './processes.ts'
import { userEnvironment } from './scope.ts'
import { median } from './stats.ts'

const env = userEnvironment('/')

/** How long `node -e 0` takes from its start to its end, in ms: the floor of everything we start. */
export const bareNodeMs = (): number => {
  const beganMs = performance.now()
  const { status } = spawnSync(process.execPath, ['-e', '0'], { env, stdio: 'ignore' })
  if (status !== 0) throw new Error(`node -e 0 ended with ${status}`)
  return performance.now() - beganMs
}

/** Resident memory of a Node that does nothing, in MB; the median of three. */
export const bareNodeMb = async (): Promise<number> => {
  const seen: number[] = []
  for (let n = 0; n < 3; n += 1) {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { env, stdio: 'ignore' })
    await sleep(500)
    seen.push(residentMb(child.pid as number))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return median(seen)
}
