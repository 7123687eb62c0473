/**
 * Names that operators know from other systems, and the words each stands for. The options that follow are ours;
 * docs/compatibility.md lists these names, and those that stand for nothing here.
 */
export const COMMAND_ALIASES: ReadonlyMap<string, readonly string[]> = new Map([
  ['watch-all', ['run']],
  ['resume', ['run']],
  ['dev-up', ['run', '--detach']],
  ['watch-all-stop', ['stop']],
  ['dev-down', ['stop']],
  ['dev-down-safe', ['stop', '--drain']],
  ['dev-restart', ['restart']],
  ['watch-all-status', ['status']],
  ['dev-status', ['status']],
  ['heartbeat-check', ['status', '--exit-code']],
  ['supervise', []],
  ['setup', ['init']],
  ['providers-status', ['agent', 'check']],
  ['cleanup-state', ['janitor']],
  ['spend-report', ['spend']],
  ['audit-export', ['journal', 'export', '--kind', 'usage']],
])
