import { isAbsolute, join } from 'node:path'
import type { CompileContext } from '../compile-context.ts'
import type { ManifestFinding } from '../manifest-problem.ts'
import type { Manifest } from '../schema/manifest.ts'
import { resolvePath } from './resolve-path.ts'

export type StateDirResult =
  | { readonly ok: true; readonly stateDir: string }
  | { readonly ok: false; readonly finding: ManifestFinding }

/**
 * `<state_dir>/<name>`. Without the key: `$XDG_STATE_HOME/oc-supervise` (ignored unless absolute, as the XDG
 * specification asks), else `~/.local/state/oc-supervise`.
 */
export const compileStateDir = (context: CompileContext, manifest: Manifest): StateDirResult => {
  const { XDG_STATE_HOME: xdg, HOME: home } = context.environment
  if (manifest.state_dir !== null) {
    return { ok: true, stateDir: join(resolvePath(context, manifest.state_dir), manifest.name) }
  }
  if (xdg !== undefined && isAbsolute(xdg))
    return { ok: true, stateDir: join(xdg, 'oc-supervise', manifest.name) }
  if (home !== undefined && isAbsolute(home)) {
    return { ok: true, stateDir: join(home, '.local/state/oc-supervise', manifest.name) }
  }
  return {
    ok: false,
    finding: {
      at: ['state_dir'],
      message: 'is not set, and neither XDG_STATE_HOME nor HOME says where state may lie',
      remedy: 'write state_dir: PATH',
    },
  }
}
