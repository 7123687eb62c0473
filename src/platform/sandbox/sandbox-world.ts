/** Hosts that may be reached (`name`, `*.name`, each perhaps with `:port`), or `any`: the internet, neither this machine nor private networks. */
export type AllowedNetwork = 'any' | readonly string[]

/** What a program in the sandbox can see. All paths absolute; whatever is not named is not there. */
export interface SandboxWorld {
  /** What may be read beside the system's own folders. */
  readonly readable: readonly string[]
  /** What may be written; made by the caller. */
  readonly writable: readonly string[]
  /** Its temporary folder, shown as /tmp; made by the caller. */
  readonly tmp: string
  /** Never shown, even where a readable folder holds it; what is named above stays visible inside it. */
  readonly hidden: readonly string[]
  readonly network: AllowedNetwork
}

/** What the program inside the sandbox's first wall (sandbox-main.ts) reads before it starts anything. */
export interface SandboxSettings {
  readonly v: 1
  readonly writable: readonly string[]
  /** Where the platform hides by rule what the first wall hides by absence on Linux; else empty. */
  readonly hidden: readonly string[]
  readonly readable: readonly string[]
  readonly tmp: string
  readonly network: AllowedNetwork
  /** Host's loopback ports that answer inside at the same place. */
  readonly loopback: readonly LoopbackPort[]
  /** True where user namespaces can be forbidden without the filter that forbids unix sockets too. */
  readonly unixSockets: boolean
  /** Gets a byte once the program has been started: whoever ended before that never ran. */
  readonly entered: string
}

/** A server on the host's loopback. */
export interface LoopbackPort {
  /** As the host has it: `127.0.0.1` or `[::1]`. */
  readonly host: string
  readonly port: number
}

/** The exit code of a sandbox that could not be entered; the reason is on standard error. */
export const SANDBOX_FAILED = 125
