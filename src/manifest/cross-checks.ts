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

/** A gate nobody can decide would stay open for ever. */
const someoneDecides: CrossCheck = ({ gates, lanes, repos, policy }) => {
  if (gates.signing === 'optional' || gates.operators.length > 0 || Object.keys(lanes).length === 0) return []
  const opens = Object.values(repos).flatMap((repo) => [
    ...(repo.merge === 'manual' ? [`repos.${repo.key}.merge is manual`] : []),
    ...(repo.reviewPaths.length > 0 ? [`repos.${repo.key}.review_paths asks for reviews`] : []),
    `changes to sensitive paths in repos.${repo.key} are reviewed`,
  ])
  const { risk, taskTypes } = policy.requireApproval
  const approvals = risk.length + taskTypes.length > 0 ? ['policy.require_approval asks for approvals'] : []
  const [first] = [...opens, ...approvals]
  if (first === undefined || Object.keys(repos).length === 0) return []
  return [
    {
      at: ['gates'],
      message: `nobody could decide the gates this manifest opens (${first}): signing is required, and there is no operator`,
      remedy:
        'add a public key under gates.operators.NAME.ssh_key_file, or write gates.signing: optional and accept unsigned decisions',
    },
  ]
}

const sandboxOff: CrossCheck = ({ sandbox }) => [
  sandbox === 'off'
    ? null
    : {
        at: ['sandbox'],
        message: 'is on, but this version has no sandbox yet: agents, setup and checks run as your own user',
        remedy: 'write sandbox: off once you accept that',
      },
]

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
    ready === 'exit' && restart === 'always'
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
  someoneDecides,
  sandboxOff,
  remoteOfForge,
  stateOutside,
  checkNames,
  serviceNames,
  preparations,
  agentVariables,
  timings,
]
