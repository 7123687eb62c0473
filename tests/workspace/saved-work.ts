import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recoverSaved } from '../../src/workspace/recover-saved.ts'
import { releaseWorkspace } from '../../src/workspace/release-workspace.ts'
import { type Fixture, NOW_MS } from './workspace-fixture.ts'

/** Saves what an attempt left and removes its folder. */
export const release = (fixture: Fixture, attemptId: string, ignoredLimitBytes?: number) =>
  releaseWorkspace({
    ...fixture,
    attemptId,
    nowMs: NOW_MS,
    ...(ignoredLimitBytes === undefined ? {} : { ignoredLimitBytes }),
  })

/** What was saved of it, in a fresh folder. */
export const recover = async (fixture: Fixture, attemptId: string): Promise<string> => {
  const folder = join(fixture.workspacesDir, '..', `recovered-${attemptId}`)
  await recoverSaved({ savedDir: fixture.savedDir, attemptId, folder })
  return folder
}

export const readText = (...parts: string[]): string => readFileSync(join(...parts), 'utf8')
