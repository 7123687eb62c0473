import { stringify } from 'yaml'
import { operatorsFromKeys } from '../../src/gates/operators-from-keys.ts'
import type { CompileContext } from '../../src/manifest/compile-context.ts'
import { type CompileResult, compileManifest } from '../../src/manifest/compile-manifest.ts'
import { formatProblem } from '../../src/manifest/manifest-problem.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { contradictions } from '../../src/policy/contradictions.ts'

/** A context without a file system: `/m/oc.yaml` is the manifest, key files are handed in. */
export const testContext = (files: Record<string, string> = {}): CompileContext => ({
  path: '/m/oc.yaml',
  environment: { HOME: '/home/ada' },
  readText: (path) => {
    const text = files[path]
    return text === undefined ? { ok: false, reason: 'there is no such file' } : { ok: true, text }
  },
  realPath: (path) => path,
  operatorsFromKeys,
  contradictions,
  sandbox: () => ({ ok: true }),
  agentTypes: {
    command: { required: ['command'], optional: ['prompt', 'auth', 'base_url', 'max_turns'], unserved: [] },
    recorded: {
      required: ['recordings'],
      optional: [],
      unserved: [['max_tokens'], ['covered'], ['budget', 'per_attempt', 'usd']].map((at) => ({
        at,
        lacks: 'nobody can tell',
        remedy: 'remove it',
      })),
    },
  },
})

/** Parses and compiles; the file is called oc.yaml. */
const compileText = (text: string, context: CompileContext = testContext()): CompileResult => {
  const parsed = parseManifest(text, 'oc.yaml')
  return parsed.ok ? compileManifest(parsed.parsed, context) : parsed
}

/** Compiles what must compile. @throws Error with the problems otherwise */
export const compiled = (manifest: unknown, context: CompileContext = testContext()) => {
  const result = compileText(typeof manifest === 'string' ? manifest : stringify(manifest), context)
  if (result.ok) return result.manifest
  throw new Error(result.problems.map(formatProblem).join('\n'))
}

/** The problems of what must not compile, one line each. */
export const problemsOf = (manifest: unknown, context: CompileContext = testContext()): string[] => {
  const result = compileText(typeof manifest === 'string' ? manifest : stringify(manifest), context)
  return result.ok ? [] : result.problems.map(formatProblem)
}

/** A public key like those of ssh-keygen; only its shape is real. */
export const publicKey = (fill: number): string => {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.alloc(32, fill))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

/** A manifest that uses every section, as data; compile it after a change with `compiled`. */
export const fullManifest = () => ({
  version: 1,
  name: 'full',
  state_dir: '/state',
  sandbox: 'off',
  repos: { api: { url: '/repos/api.git', checks: [{ name: 'unit', run: 'npm test' }] } },
  agents: {
    fake: { type: 'command', command: ['fake-agent'] },
    tape: { type: 'recorded', recordings: './tapes' },
  },
  lanes: {
    goal: { agent: 'fake' },
    test: { agent: 'fake' },
    improve: { agent: 'fake' },
    propose: {},
    review: {},
  },
  services: { web: { command: ['web'] } },
  maintenance_windows: [{ from: '01:00', to: '02:00' }],
  gates: { operators: { ada: { ssh_key: publicKey(1) } } },
})
