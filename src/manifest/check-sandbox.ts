import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { CompileContext } from './compile-context.ts'
import type { ManifestFinding } from './manifest-problem.ts'

/** A sandbox that is wanted and cannot be had is never left out in silence: the manifest must say `off` itself. */
export const checkSandbox = (
  context: CompileContext,
  { sandbox, agents }: Pick<CompiledManifest, 'sandbox' | 'agents'>,
): ManifestFinding[] => {
  const contained = Object.values(agents).filter((agent) => agent.sandbox !== 'off')
  if (sandbox === 'off' && contained.length === 0) return []
  const facts = context.sandbox()
  if (facts.ok) return []
  const message = `is on, but there is no sandbox on this host: ${facts.missing}`
  const remedy = `${facts.remedy}; or write sandbox: off once you accept that agents, setup and checks run as your own user`
  if (sandbox === 'on') return [{ at: ['sandbox'], message, remedy }]
  return contained.map(({ key }) => ({ at: ['agents', key, 'sandbox'], message, remedy }))
}
