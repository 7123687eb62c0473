import type { LoopbackPort } from './sandbox-world.ts'

/** Begins the names of the variables in which the program's argv travels: as words of a command line it would be quoted thrice over, past what one may hold. */
export const ARGUMENT_PREFIX = 'OC_SANDBOX_ARG_'

/** Said on file descriptor 3 before the program starts. */
export const STARTED = 'started'

/** What the runtime sets for tools that we do not want to see: a helper of git that opens ssh, and notices of Java. */
const UNWANTED = [
  'GIT_SSH_COMMAND',
  'SANDBOX_RUNTIME',
  'CLAUDE_CODE_HOST_HTTP_PROXY_PORT',
  'CLAUDE_CODE_HOST_SOCKS_PROXY_PORT',
]

/** Where there is no network at all, what would lead tools to a proxy that refuses everything. */
const PROXIES = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'FTP_PROXY', 'GRPC_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
  ...['RSYNC_PROXY', 'DOCKER_HTTP_PROXY', 'DOCKER_HTTPS_PROXY', 'GIT_CONFIG_PARAMETERS', 'JAVA_TOOL_OPTIONS'],
  ...['TYPE', 'ADDRESS', 'PORT', 'USERNAME', 'PASSWORD'].map((name) => `CLOUDSDK_PROXY_${name}`),
]

/**
 * What runs first inside both walls, as the leader of a group of its own: it listens for signals on file descriptor 3,
 * opens the ways to the host's loopback that were declared, tidies the environment and becomes the program.
 *
 * Everything beside the program is started twice removed, so that it is no child the program does not know.
 */
export const launchScript = (options: {
  readonly argumentCount: number
  readonly loopback: readonly LoopbackPort[]
  readonly hasNetwork: boolean
}): string => {
  const names = Array.from({ length: options.argumentCount }, (_, at) => `${ARGUMENT_PREFIX}${at}`)
  return [
    `set -- ${names.map((name) => `"$${name}"`).join(' ')}`,
    `unset ${[...names, ...UNWANTED].join(' ')}`,
    RELAY_SIGNALS,
    ...options.loopback.map(openLoopback),
    options.hasNetwork
      ? 'export NO_PROXY=localhost,127.0.0.1,::1 no_proxy=localhost,127.0.0.1,::1 NODE_USE_ENV_PROXY=1'
      : `unset ${PROXIES.join(' ')}`,
    'export TMPDIR=/tmp',
    `echo ${STARTED} >&3`,
    'exec "$@" 3>&-',
  ].join('\n')
}

/** The group is the program's own; what listens is in it and ignores what it passes on. */
const RELAY_SIGNALS = `leader=$$
( ( trap '' TERM INT HUP
    while read -r signal; do kill -s "$signal" -- "-$leader"; done
  ) <&3 >/dev/null 2>&1 3>&- & )`

/** A listener at the same port that asks the runtime's proxy for the host's; answers when it listens, or after 2 s. */
const openLoopback = ({ host, port }: LoopbackPort): string => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const target = `"PROXY:localhost:${host}:${port},proxyport=3128,proxyauth=$credentials"`
  return `credentials=\${HTTP_PROXY#http://} credentials=\${credentials%@*}
( ( trap '' TERM INT HUP
    setsid socat TCP6-LISTEN:${port},ipv6only=0,fork,reuseaddr,backlog=1024 ${target} ||
    setsid socat TCP4-LISTEN:${port},fork,reuseaddr,backlog=1024 ${target}
  ) </dev/null >/dev/null 2>&1 3>&- & )
unset credentials
tries=0
until grep -qs ':${hex} 0*:0000 0A' /proc/net/tcp /proc/net/tcp6 || [ $tries -ge 100 ]; do
  tries=$((tries + 1)); sleep 0.02
done`
}
