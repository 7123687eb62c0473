/** The only variables that a child may inherit. Everything else it gets is given by name. */
const INHERITED = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR'] as const

/** What steers fail points; only our own processes may see it. */
const OWN = ['OC_SUPERVISE_FAILPOINT', 'OC_SUPERVISE_FAILPOINT_LOG', 'OC_SUPERVISE_FAILPOINT_ONCE'] as const

/**
 * The environment of a child: the allow-list of ours plus `extra`, which wins. HOME, credentials and everything else
 * get in through `extra` alone.
 */
export const childEnvironment = (extra: Record<string, string>): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  ...inherited(INHERITED),
  TERM: 'dumb',
  ...extra,
})

/** The environment of a process of our own (lane, keeper, supervisor): the fail points of tests reach it too. */
export const ownProcessEnvironment = (extra: Record<string, string>): Record<string, string> =>
  childEnvironment({ ...inherited(OWN), ...extra })

const inherited = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
