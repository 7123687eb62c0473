import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import { LANES, TASK_KINDS } from '../contracts/lane-name.ts'
import type { ManifestFinding } from './manifest-problem.ts'
import { nearest } from './nearest.ts'

type CrossCheck = (
  manifest: CompiledManifest,
  realPath: (path: string) => string,
) => readonly (ManifestFinding | null)[]

/**
 * What no single key can tell: rules across sections. They read the compiled manifest, so that a reload which keeps
 * some sections of the old one is held to them too.
 */
export const crossCheck = (
  manifest: CompiledManifest,
  realPath: (path: string) => string,
): ManifestFinding[] =>
  CROSS_CHECKS.flatMap((check) => check(manifest, realPath)).filter((finding) => finding !== null)

/** A lane's agent exists, and lanes that run one name one. */
const laneAgents: CrossCheck = ({ lanes, agents }) =>
  LANES.map((lane) => {
    const agent = lanes[lane]?.agent
    const known = Object.keys(agents)
    if (agent === undefined || (agent !== null && Object.hasOwn(agents, agent))) return null
    const list = known.length === 0 ? 'add one under agents' : `write one of ${known.join(', ')}`
    if (agent === null) {
      const needsOne = (TASK_KINDS as readonly string[]).includes(lane)
      return needsOne
        ? { at: ['lanes', lane], message: 'has no agent to do its work', remedy: `add agent: NAME; ${list}` }
        : null
    }
    const guess = nearest(agent, known)
    return {
      at: ['lanes', lane, 'agent'],
      message: `there is no agent "${agent}"`,
      remedy: guess === null ? list : `did you mean ${guess}? ${list}`,
    }
  })

/** A lane's fallbacks exist, and are others than its agent. */
const laneFallbacks: CrossCheck = ({ lanes, agents }) =>
  LANES.flatMap((lane) =>
    (lanes[lane]?.fallbacks ?? []).map((fallback, index) => {
      const at = ['lanes', lane, 'fallback', index]
      const known = Object.keys(agents).filter((key) => key !== lanes[lane]?.agent)
      if (known.includes(fallback)) return null
      const message =
        fallback === lanes[lane]?.agent
          ? `"${fallback}" is the agent that it would stand in for`
          : `there is no agent "${fallback}"`
      return { at, message, remedy: `write one of ${known.join(', ') || '(add one under agents)'}` }
    }),
  )

/** A repository overrides lanes that run, with agents that exist and do not stand in for themselves. */
const repoLanes: CrossCheck = (manifest) =>
  Object.values(manifest.repos).flatMap((repo) =>
    TASK_KINDS.flatMap((lane) => {
      const own = repo.lanes[lane]
      if (own === undefined) return []
      const at = ['repos', repo.key, 'lanes', lane]
      if (manifest.lanes[lane] === undefined) {
        const message = `overrides lane ${lane}, which is off`
        return [{ at, message, remedy: `add lanes.${lane}, or remove this` }]
      }
      const known = Object.keys(manifest.agents)
      const unknown = (agent: string, place: (string | number)[]): ManifestFinding | null => {
        if (known.includes(agent)) return null
        const guess = nearest(agent, known)
        const list = `write one of ${known.join(', ')}`
        const remedy = guess === null ? list : `did you mean ${guess}? ${list}`
        return { at: [...at, ...place], message: `there is no agent "${agent}"`, remedy }
      }
      const agent = own.agent ?? manifest.lanes[lane]?.agent
      return [
        own.agent === null ? null : unknown(own.agent, ['agent']),
        ...(own.fallbacks ?? []).map((fallback, index) =>
          fallback === agent
            ? {
                at: [...at, 'fallback', index],
                message: `"${fallback}" is the agent that it would stand in for`,
                remedy: 'name another one, or remove it',
              }
            : unknown(fallback, ['fallback', index]),
        ),
      ]
    }),
  )

/** A gate nobody can decide would stay open for ever. */
const someoneDecides: CrossCheck = ({ gates, lanes, repos, policy }) => {
  if (gates.signing === 'optional' || gates.operators.length > 0 || Object.keys(lanes).length === 0) return []
  const opens = Object.values(repos).flatMap(({ key, merge, reviewPaths }) => [
    ...(merge === 'manual'
      ? [{ because: ['repos', key, 'merge'], why: `repos.${key}.merge is manual` }]
      : []),
    ...(reviewPaths.length > 0
      ? [{ because: ['repos', key, 'review_paths'], why: `repos.${key}.review_paths asks for reviews` }]
      : []),
    { because: ['repos', key], why: `changes to sensitive paths in repos.${key} are reviewed` },
  ])
  const { risk, taskTypes } = policy.requireApproval
  const why = 'policy.require_approval asks for approvals'
  const approvals =
    risk.length + taskTypes.length > 0 ? [{ because: ['policy', 'require_approval'], why }] : []
  const [first] = [...opens, ...approvals]
  if (first === undefined || Object.keys(repos).length === 0) return []
  return [
    {
      at: ['gates'],
      because: first.because,
      message: `nobody could decide the gates this manifest opens (${first.why}): signing is required, and there is no operator`,
      remedy:
        'add a public key under gates.operators.NAME.ssh_key_file, or write gates.signing: optional and accept unsigned decisions',
    },
  ]
}

/** The local forge merges in the repository itself, so that must be a folder of this machine. */
const remoteOfForge: CrossCheck = ({ repos }) =>
  Object.values(repos).map(({ key, url }) =>
    localPath(url) === null
      ? {
          at: ['repos', key, 'url'],
          message: `${JSON.stringify(url)} is not on this machine, and forge.type: local merges in the repository itself`,
          remedy:
            'make a bare copy (git clone --bare URL FOLDER.git), write its path here, and push from it yourself',
        }
      : null,
  )

/** State inside a repository we work on would be committed, cleaned or cloned along with it. */
const stateOutside: CrossCheck = ({ stateDir, repos }, realPath) =>
  Object.values(repos).map((repo) => {
    const path = localPath(repo.url)
    if (path === null || stateDir === '') return null
    const root = realPath(path).replace(/\/\.git\/?$/, '')
    return isWithin(root, realPath(stateDir))
      ? {
          at: ['state_dir'],
          message: `${stateDir} lies inside repos.${repo.key} (${root})`,
          remedy: 'write state_dir: a folder outside every repository this manifest works on',
        }
      : null
  })

const localPath = (url: string): string | null => {
  if (isAbsolute(url)) return url
  if (!url.startsWith('file://')) return null
  try {
    return fileURLToPath(url)
  } catch {
    return null
  }
}

const isWithin = (root: string, path: string): boolean => {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

const checkNames: CrossCheck = ({ repos }) =>
  Object.values(repos).flatMap(({ key, checks }) =>
    checks.map((check, index) =>
      checks.findIndex(({ name }) => name === check.name) < index
        ? {
            at: ['repos', key, 'checks', index],
            message: `a second check is named ${JSON.stringify(check.name)}`,
            remedy: 'give each check its own name',
          }
        : null,
    ),
  )

/** Children of the supervisor share one name space. */
const serviceNames: CrossCheck = ({ services }) =>
  Object.keys(services).map((name) =>
    [...LANES, 'supervisor'].includes(name)
      ? { at: ['services', name], message: 'is the name of a part of ours', remedy: 'choose another name' }
      : null,
  )

/** Something that is ready by ending is not to be started for ever. */
const preparations: CrossCheck = ({ services }) =>
  Object.values(services).map(({ name, ready, restart }) =>
    ready.by === 'exit' && restart === 'always'
      ? {
          at: ['services', name, 'restart'],
          message: 'is always, but ready: exit says that it ends by itself',
          remedy: 'write restart: on-failure or never',
        }
      : null,
  )

const agentVariables: CrossCheck = ({ agents }) =>
  Object.values(agents).flatMap(({ key, env, secrets }) =>
    Object.keys(secrets).map((name) =>
      Object.hasOwn(env, name)
        ? { at: ['agents', key, 'env', name], message: 'is what auth sets', remedy: 'remove one of the two' }
        : null,
    ),
  )

const timings: CrossCheck = ({ supervision: s }) => [
  s.heartbeatStaleAfterMs < 2 * s.heartbeatEveryMs
    ? {
        at: ['supervision', 'heartbeat', 'stale_after'],
        message: 'is less than twice heartbeat.every: one late stamp would look like silence',
        remedy: 'make it longer',
      }
    : null,
  s.probeAnswerWithinMs >= s.probeEveryMs
    ? {
        at: ['supervision', 'probe', 'answer_within'],
        message: 'is not shorter than probe.every: the next question would come before the answer is due',
        remedy: 'make it shorter',
      }
    : null,
  s.backoffMinMs > s.backoffMaxMs
    ? {
        at: ['supervision', 'restart', 'backoff_min'],
        message: 'is longer than restart.backoff_max',
        remedy: 'make it shorter',
      }
    : null,
]

const CROSS_CHECKS: readonly CrossCheck[] = [
  laneAgents,
  laneFallbacks,
  repoLanes,
  someoneDecides,
  remoteOfForge,
  stateOutside,
  checkNames,
  serviceNames,
  preparations,
  agentVariables,
  timings,
]
