import { Worker } from 'node:worker_threads'
import { systemClock } from './clock.ts'

/** How much memory a worker may take before it is ended, in MiB. */
const MEMORY_MIB = 1024

/**
 * Has a thread of its own do work that keeps a processor busy, so that our loop goes on turning meanwhile, and ends it
 * when it takes too long.
 * @param module posts one message to its parent: the answer
 * @param input handed over as `workerData`
 * @throws Error when it took longer than `timeoutMs`, needed too much memory, or failed.
 */
export const runInWorker = async (module: URL, input: unknown, timeoutMs: number): Promise<unknown> => {
  const worker = new Worker(module, {
    workerData: input,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  })
  let stopWaiting = (): void => {}
  try {
    return await new Promise((resolve, reject) => {
      stopWaiting = systemClock.after(timeoutMs, () =>
        reject(new Error(`it took longer than ${timeoutMs / 1000} s`)),
      )
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`its thread ended with ${code}`)))
    })
  } finally {
    stopWaiting()
    await worker.terminate()
  }
}
