import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Key } from '../../contracts/ids.ts'
import { UsageError } from '../report-error.ts'

/** How a command is told which system it is about. */
export interface StateOptions {
  readonly manifest?: string
  readonly name?: string
  readonly stateDir?: string
}

/** Adds the three ways of naming a system to a command. */
export const withStateOptions = (command: Command): Command =>
  command
    .option(
      '--manifest <file>',
      'manifest of the system (default: $OC_SUPERVISE_MANIFEST, ./oc-supervise.yaml)',
    )
    .option('--name <name>', 'name of a system in the default state folder; no manifest is read')
    .option('--state-dir <dir>', 'folder that holds status.json; no manifest is read')

/**
 * The state folder of the system a command is about; the YAML is read only where nothing else names it.
 * @throws UsageError when nothing names a system, or the manifest is wrong.
 */
export const selectStateDir = async ({ manifest, name, stateDir }: StateOptions): Promise<string> => {
  if (stateDir !== undefined) return resolve(stateDir)
  if (name !== undefined) {
    if (!Key.safeParse(name).success)
      throw new UsageError(`--name ${JSON.stringify(name)} is not a system's name`)
    return join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'oc-supervise', name)
  }
  return stateDirOf(manifest)
}

/**
 * The state folder that a manifest names.
 * @throws UsageError when there is none or it is wrong: a running tree can be named without it, which the error says.
 */
export const stateDirOf = async (file: string | undefined): Promise<string> => {
  const { manifestPath, readManifest } = await import('./read-manifest.ts')
  try {
    return readManifest(manifestPath(file)).manifest.stateDir
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}\nwithout a manifest: --state-dir DIR, or --name NAME`)
  }
}
