import { join } from 'node:path'

/** Every path under `<state_dir>/<name>/`, in one place. Who may delete what: docs/operating.md. */
export const stateLayout = (stateDir: string) => ({
  root: stateDir,
  journal: join(stateDir, 'journal.db'),
  supervisorLog: join(stateDir, 'supervisor.ndjson'),
  deaths: join(stateDir, 'deaths.ndjson'),
  status: join(stateDir, 'status.json'),
  lock: join(stateDir, 'supervisor.lock'),
  /** Who holds the lock, for messages only. */
  lockOwner: join(stateDir, 'supervisor.owner.json'),
  keys: join(stateDir, 'keys'),
  runs: join(stateDir, 'runs'),
  runDir: (run: string) => join(stateDir, 'runs', run),
  saved: join(stateDir, 'saved.git'),
  keepers: join(stateDir, 'keepers'),
  keeperDir: (attempt: string) => join(stateDir, 'keepers', attempt),
  heartbeats: join(stateDir, 'heartbeats'),
  heartbeat: (child: string) => join(stateDir, 'heartbeats', `${child}.json`),
  probes: join(stateDir, 'probes'),
  challenge: (child: string) => join(stateDir, 'probes', `${child}.challenge.json`),
  answer: (child: string) => join(stateDir, 'probes', `${child}.answer.json`),
  /** 0600; handed to the child as file descriptor 3. */
  probeSecret: (incarnation: string) => join(stateDir, 'probes', `${incarnation}.secret`),
  registrations: join(stateDir, 'registrations'),
  registration: (incarnation: string) => join(stateDir, 'registrations', incarnation),
  /** Touched to wake whoever serves a queue; a hint, never the truth. */
  doorbells: join(stateDir, 'doorbells'),
  doorbell: (queue: string) => join(stateDir, 'doorbells', queue),
  /** What people ask of the supervisor (stop, pause, restart): one file a request. */
  requests: join(stateDir, 'requests'),
  mirrors: join(stateDir, 'mirrors'),
  mirror: (repo: string) => join(stateDir, 'mirrors', `${repo}.git`),
  workspaces: join(stateDir, 'workspaces'),
  workspace: (attempt: string) => join(stateDir, 'workspaces', attempt),
  logs: join(stateDir, 'logs'),
  log: (child: string) => join(stateDir, 'logs', `${child}.log`),
  /** History that was taken out of the journal. */
  archive: join(stateDir, 'archive'),
  manifests: join(stateDir, 'manifests'),
  /** Which program an agent profile runs, and how its version did in its trial. */
  agents: join(stateDir, 'agents'),
  agentRecord: (agent: string) => join(stateDir, 'agents', `${agent}.json`),
})

export type StateLayout = ReturnType<typeof stateLayout>
