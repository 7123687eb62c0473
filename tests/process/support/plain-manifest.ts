/**
 * A manifest of one repository, `app`, without walls and signatures, as most of these tests want it.
 * @param rest its other keys, as YAML: agents and lanes at least
 * @param checks as a YAML list holds them
 */
export const plainManifest = (name: string, rest: string, checks = '"true"'): string => `version: 1
name: ${name}
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: [${checks}], merge: auto}
gates: {signing: optional}
${rest}`

/** Lanes that prove themselves every second, for tests that wait for it. */
export const QUICK_PROBES =
  'supervision: {heartbeat: {every: 500ms, stale_after: 10s}, probe: {every: 1s, answer_within: 900ms}}\n'
