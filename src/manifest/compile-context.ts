import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { Operator } from '../contracts/gate.ts'
import type { ManifestFinding } from './manifest-problem.ts'

/** What compiling needs from outside; handed in, so that the same text and context always compile to the same manifest. */
export interface CompileContext {
  /** Absolute path of the manifest; other paths resolve against its folder. */
  readonly path: string
  /** HOME and XDG_STATE_HOME are looked up here. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads a small text file (an operator's public key). */
  readonly readText: (path: string) => { ok: true; text: string } | { ok: false; reason: string }
  /** Follows symbolic links as far as the path exists. */
  readonly realPath: (path: string) => string
  /** From the text of public keys to operators; src/gates has it. */
  readonly operatorsFromKeys: (
    keys: Readonly<Record<string, string>>,
  ) => { ok: true; operators: readonly Operator[] } | { ok: false; problems: readonly string[] }
  /**
   * The registered agent types, the keys of a profile that each takes beside the common ones, and those of the common
   * ones that would have no effect; src/agents has them.
   */
  readonly agentTypes: Readonly<
    Record<
      string,
      {
        readonly required: readonly string[]
        readonly optional: readonly string[]
        readonly unserved: readonly {
          readonly at: readonly string[]
          readonly lacks: string
          readonly remedy: string
        }[]
      }
    >
  >
  /** Whether this host has a sandbox; asked only where the manifest wants one. */
  readonly sandbox: () =>
    | { readonly ok: true }
    | { readonly ok: false; readonly missing: string; readonly remedy: string }
  /** Rules that contradict each other; src/policy has them. */
  readonly contradictions: (
    manifest: Pick<CompiledManifest, 'repos' | 'policy'>,
  ) => readonly ManifestFinding[]
}
