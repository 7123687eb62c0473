// The rows of schema.ts as SQLite hands them over.

export interface ActorTable {
  id: string
  queue: string
  machine: string
  machine_version: number
  snapshot: string
  status: 'active' | 'done' | 'refused'
  entries: number
}

export interface LeaseTable {
  actor: string
  queue: string
  token: number
  incarnation: string | null
  host: string
  pid: number
  start_ticks: number
  boot: string
  expires_wall: number
  expires_mono: number
  expires_boot: string
}

export interface EffectTable {
  n: number
  id: string
  actor: string
  name: string
  invoke_id: string | null
  input: string
  state: 'open' | 'settled' | 'cancelled'
  outcome: string | null
}

export interface TimerTable {
  id: string
  actor: string
  event: string
  due_wall: number
  due_mono: number
  due_boot: string
}

export interface InboxTable {
  n: number
  id: string
  actor: string
  queue: string
  event: string
  start: string | null
  state: 'waiting' | 'consumed' | 'discarded'
}

export interface RecordTable {
  kind: string
  id: string
  queue: string
  state: string
  rank: number
  created_ms: number
  version: number
  value: string
  unmet: number
}
