import { describe, expect, test } from 'vitest'
import { problemsOf, publicKey } from './compile-text.ts'

/** The lines every good manifest needs; rows below add their own after them, from line 4. */
const HEAD = 'version: 1\nname: a\nsandbox: off\n'
const REPO = `${HEAD}repos:\n  api:\n    url: /r.git\n`
const AGENT = `${HEAD}agents:\n  a:\n    type: command\n    command: [x]\n`
const LANE = `${HEAD}gates: {signing: optional}\nagents: {a: {type: command, command: [x]}}\nlanes:\n`

/** Name, text, where the first problem must stand, what it must say. */
const MALFORMED: ReadonlyArray<readonly [name: string, text: string, place: string, said: RegExp]> = [
  // The file itself
  ['empty file', '', '1:1', /the file is empty.*version: 1/],
  ['only a comment', '# hello\n', '1:1', /the file is empty/],
  ['a scalar', 'hello\n', '1:1', /must be a map/],
  ['a list', '- a\n- b\n', '1:1', /must be a map/],
  ['NUL', 'version: 1\nname: a\0b\n', '2:8', /U\+0000/],
  ['escape character', 'version: 1\nname: "\x1b[31m"\n', '2:8', /U\+001B/],
  ['too large', `${HEAD}# ${'x'.repeat(1024 * 1024)}\n`, '1:1', /more than 1 MiB/],
  ['tab as indentation', 'version: 1\nrepos:\n\tapi: {}\n', '3:1', /Tabs.*indent with spaces/],
  ['duplicate key', 'version: 1\nname: a\nname: b\n', '3:1', /stands here a second time.*remove one/],
  ['duplicate key in CRLF', 'version: 1\r\nname: a\r\nname: b\r\n', '3:1', /second time/],
  ['duplicate key after a byte order mark', '\uFEFFversion: 1\nversion: 1\n', '2:1', /second time/],
  ['two documents', 'version: 1\n---\nname: a\n', '2:1', /several YAML documents/],
  ['unclosed quote', 'name: "a\nversion: 1\n', '3:1', /Missing closing/],
  ['unclosed bracket', 'name: [a\n', '2:1', /not readable YAML/],
  ['colon in plain text', 'name: a: b\n', '1:7', /in quotes/],
  ['unknown tag', 'name: !!js/function x\n', '1:7', /tag.*remove the tag/],
  ['unknown alias', `${HEAD}repos: *nobody\n`, '4:8', /nothing is named &nobody/],
  ['alias of itself', `${HEAD}repos: &a {api: *a}\n`, '4:17', /contains itself/],
  ['merge key', `${HEAD}repos:\n  <<: {}\n`, '5:3', /merge keys/],
  ['prototype key', `${HEAD}repos:\n  __proto__: {}\n`, '5:3', /not allowed/],
  ['map as key', `${HEAD}? {a: 1}\n: b\n`, '4:3', /one word/],
  ['another YAML version', '%YAML 1.1\n---\nversion: 1\n', '1:1', /YAML 1\.2/],
  ['deep nesting', `a: ${'['.repeat(40)}${']'.repeat(40)}\n`, '1:24', /levels deep/],
  ['very deep nesting', `a: ${'['.repeat(50_000)}\n`, '1:', /nested too deeply/],
  [
    'alias bomb',
    `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'abcdefgh'
      .split('')
      .slice(1)
      .map((to, index) => `${to}: &${to} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`,
    '1:1',
    /expands to more than/,
  ],
  // Keys and types
  ['no version', 'name: a\nsandbox: off\n', '1:1', /version: is required; write 1/],
  ['no name', 'version: 1\nsandbox: off\n', '1:1', /name: is required/],
  ['another version', 'version: 2\nname: a\n', '1:10', /found 2.*write 1/],
  ['version as text', 'version: "1"\nname: a\n', '1:10', /found "1"/],
  ['bad name', 'version: 1\nname: My App\n', '2:7', /found "My App".*lower-case/],
  ['unknown top key with a slip', `${HEAD}agnets: {}\n`, '4:1', /agnets: unknown key; did you mean agents\?/],
  ['unknown top key', `${HEAD}zzz: {}\n`, '4:1', /unknown key; remove it; known keys here: version/],
  ['camelCase key', `${REPO}    defaultBranch: main\n`, '7:5', /did you mean default_branch\?/],
  ['hyphen key', `${REPO}    allowed-paths: [a]\n`, '7:5', /did you mean allowed_paths\?/],
  [
    'unknown nested key',
    `${REPO}    review:\n      max_revision: 2\n`,
    '8:7',
    /did you mean max_revisions\?/,
  ],
  ['empty section', `${HEAD}repos:\n`, '4:1', /repos: is empty; write a map, or remove the key/],
  ['list for a map', `${HEAD}repos: [a]\n`, '4:1', /must be a map \(found a list\)/],
  ['text for a map', `${HEAD}repos: api\n`, '4:8', /must be a map \(found "api"\)/],
  ['bad map key', `${HEAD}repos:\n  API_1:\n    url: /r\n`, '5:3', /repos\.API_1: is not a name we take/],
  ['no url', `${HEAD}repos:\n  api: {}\n`, '5:3', /repos\.api\.url: is required/],
  ['number for text', `${REPO}    env: {PORT: 8080}\n`, '7:17', /put it in quotes: "8080"/],
  ['boolean for text', `${REPO}    env: {CI: true}\n`, '7:15', /put it in quotes: "true"/],
  ['text for a boolean', `${REPO}    review: {require_explicit_approval: yes}\n`, '7:41', /true or false/],
  ['text for a list', `${REPO}    setup: npm ci\n`, '7:12', /must be a list.*write \[a, b\]/],
  ['bare duration', `${REPO}    setup_timeout: 600\n`, '7:20', /bare number.*write 600s/],
  ['bad duration', `${REPO}    setup_timeout: 10 minutes\n`, '7:20', /not a duration \(found "10 minutes"\)/],
  ['units the wrong way', `${REPO}    setup_timeout: 30m1h\n`, '7:20', /largest first/],
  ['duration out of bounds', `${AGENT}    timeout: 8d\n`, '8:14', /write 1s to 7d/],
  ['bare size', `${HEAD}limits: {min_free_disk: 2}\n`, '4:25', /bare number.*write 2MiB/],
  ['decimal unit', `${HEAD}limits: {min_free_disk: 2GB}\n`, '4:25', /GiB/],
  ['zero concurrency', `${HEAD}limits: {concurrency: 0}\n`, '4:23', /too small \(found 0\); write 1 or more/],
  ['fraction', `${HEAD}limits: {concurrency: 1.5}\n`, '4:23', /whole number/],
  ['infinity', `${HEAD}limits: {concurrency: .inf}\n`, '4:23', /concurrency/],
  ['not a number', `${HEAD}policy: {max_changed_files: .nan}\n`, '4:29', /max_changed_files/],
  ['huge number', `${HEAD}limits: {concurrency: 99999999999999999999}\n`, '4:23', /concurrency/],
  [
    'unknown word',
    `${REPO}    merge: atuo\n`,
    '7:12',
    /found "atuo".*did you mean auto\? write manual or auto/,
  ],
  ['boolean for on or off', 'version: 1\nname: a\nsandbox: false\n', '3:10', /write on or off/],
  // Repositories
  [
    'password in a url',
    `${REPO.replace('/r.git', 'https://u:hunter2@h/r')}`,
    '6:10',
    /holds a password \(value not shown\)/,
  ],
  ['transport helper url', `${REPO.replace('/r.git', 'ext::sh -c id')}`, '6:10', /not an address/],
  ['option as url', `${REPO.replace('/r.git', '--upload-pack=x')}`, '6:10', /not an address/],
  ['branch git refuses', `${REPO}    default_branch: "a..b"\n`, '7:21', /not a branch name/],
  ['branch that is an option', `${REPO}    default_branch: -f\n`, '7:21', /not a branch name/],
  ['star inside a branch pattern', `${REPO}    allowed_base_branches: ["a*b"]\n`, '7:29', /final \*/],
  ['absolute path pattern', `${REPO}    allowed_paths: [/etc]\n`, '7:21', /relative to the repository/],
  ['path pattern going up', `${REPO}    allowed_paths: [src/../..]\n`, '7:21', /without "\.\."/],
  ['braces', `${REPO}    blocked_paths: ["src/{a,b}"]\n`, '7:21', /one pattern for each alternative/],
  ['negation', `${REPO}    blocked_paths: ["!src"]\n`, '7:21', /glob syntax we do not read/],
  ['no path at all', `${REPO}    allowed_paths: []\n`, '7:5', /the list is empty.*everything is allowed/],
  ['empty command', `${REPO}    checks: [""]\n`, '7:14', /the text is empty/],
  ['number as check', `${REPO}    checks: [5]\n`, '7:14', /put it in quotes: "5"/],
  ['check without run', `${REPO}    checks: [{name: a}]\n`, '7:14', /checks\[0\]\.run: is required/],
  [
    'slip in a check',
    `${REPO}    checks: [{name: a, run: b, retires: 1}]\n`,
    '7:32',
    /did you mean retries\?/,
  ],
  ['two checks of one name', `${REPO}    checks: [make, make]\n`, '7:20', /a second check is named "make"/],
  ['bad variable name', `${REPO}    env: {"A B": c}\n`, '7:11', /environment variable/],
  [
    'secret in the clear',
    `${REPO}    env: {K: ghp_${'a'.repeat(36)}}\n`,
    '7:14',
    /looks like a secret \(value not shown\)/,
  ],
  // Agents, lanes, services
  [
    'agent type that nobody registered',
    `${HEAD}agents:\n  a: {type: comand}\n`,
    '5:13',
    /there is no agent type "comand".*did you mean command\?/,
  ],
  ['agent without a type', `${HEAD}agents:\n  a: {command: [x]}\n`, '5:3', /agents\.a\.type: is required/],
  [
    'command as text',
    `${HEAD}agents:\n  a: {type: command, command: npm test}\n`,
    '5:31',
    /must be a list: the program/,
  ],
  [
    'key of another type',
    `${HEAD}agents:\n  a: {type: recorded, recordings: x, command: [y]}\n`,
    '5:38',
    /type recorded does not take it/,
  ],
  ...(
    [
      ['max_tokens: 5', '5:50'],
      ['covered: true', '5:47'],
      ['budget: {per_attempt: {usd: 1}}', '5:66'],
    ] as const
  ).map(
    ([key, place]) =>
      [
        `key that its type cannot serve: ${key}`,
        `${HEAD}agents:\n  a: {type: recorded, recordings: x, ${key}}\n`,
        place,
        /type recorded cannot be held to it: nobody can tell; remove it/,
      ] as const,
  ),
  ['type without what it needs', `${HEAD}agents:\n  a: {type: command}\n`, '5:3', /needs command/],
  [
    'fallback that is not there',
    `${AGENT}lanes:\n  goal: {agent: a, fallback: [b]}\n`,
    '9:31',
    /no agent "b"/,
  ],
  ['empty argv', `${HEAD}agents:\n  a: {type: command, command: []}\n`, '5:22', /the list is empty/],
  ['secret as text', `${AGENT}    auth: hunter2\n`, '8:11', /by reference only \(value not shown\)/],
  ['two secret sources', `${AGENT}    auth: {env: A, file: b}\n`, '8:5', /exactly one source/],
  ['file secret without a variable', `${AGENT}    auth: {file: b}\n`, '8:5', /add as: NAME/],
  ['variable that auth sets', `${AGENT}    auth: {env: A}\n    env: {A: b}\n`, '9:14', /is what auth sets/],
  ['unknown lane', `${LANE}  gaol: {agent: a}\n`, '7:3', /did you mean goal\?/],
  ['lane without agent', `${LANE}  goal: {}\n`, '7:3', /has no agent.*write one of a/],
  [
    'lane with an unknown agent',
    `${LANE}  goal: {agent: b}\n`,
    '7:17',
    /there is no agent "b"; did you mean a\?/,
  ],
  ['service with a lane’s name', `${HEAD}services: {goal: {command: [x]}}\n`, '4:12', /choose another name/],
  [
    'preparation that never ends',
    `${HEAD}services: {s: {command: [x], ready: exit, restart: always}}\n`,
    '4:52',
    /on-failure or never/,
  ],
  // Rules across keys
  [
    'all of this machine',
    `${HEAD}repos: {r: {url: /r, setup_network: [localhost]}}\n`,
    '4:38',
    /is all of this machine.*; name one port: 127\.0\.0\.1:5432/,
  ],
  ['a wide host', `${HEAD}repos: {r: {url: /r, setup_network: ["*.com"]}}\n`, '4:38', /too wide/],
  ['no host', `${HEAD}repos: {r: {url: /r, setup_network: [https://x.org/]}}\n`, '4:38', /is not a host/],
  [
    'a port the sandbox needs',
    `${HEAD}repos: {r: {url: /r, setup_network: ["127.0.0.1:3128"]}}\n`,
    '4:38',
    /use another port/,
  ],
  [
    'nobody to decide',
    `${HEAD}agents: {a: {type: command, command: [x]}}\nrepos: {r: {url: /r}}\nlanes: {goal: {agent: a}}\n`,
    '5:9',
    /repos\.r\.merge is manual.*ssh_key_file, or write gates\.signing: optional/,
  ],
  [
    'nobody to decide what merge: auto asks',
    `${HEAD}agents: {a: {type: command, command: [x]}}\nlanes: {goal: {agent: a}}\nrepos:\n  r: {url: /r, merge: auto, checks: [x]}\n`,
    '7:3',
    /gates: nobody could decide.*sensitive paths in repos\.r/,
  ],
  [
    'nobody to decide, and gates is there',
    `${HEAD}agents: {a: {type: command, command: [x]}}\nrepos: {r: {url: /r}}\nlanes: {goal: {agent: a}}\ngates: {signing: required}\n`,
    '7:1',
    /gates: nobody could decide/,
  ],
  [
    'operator without a key',
    `${HEAD}gates: {operators: {ada: {}}}\n`,
    '4:21',
    /either ssh_key or ssh_key_file/,
  ],
  ['key that is none', `${HEAD}gates: {operators: {ada: {ssh_key: hello}}}\n`, '4:36', /not a key type/],
  [
    'key file that is not there',
    `${HEAD}gates: {operators: {ada: {ssh_key_file: k}}}\n`,
    '4:41',
    /\/m\/k cannot be read/,
  ],
  [
    'one key for two',
    `${HEAD}gates: {operators: {a: {ssh_key: ${publicKey(1)}}, b: {ssh_key: ${publicKey(1)}}}}\n`,
    '4:9',
    /same key/,
  ],
  [
    'state inside a repository',
    `state_dir: /r/state\n${HEAD}repos: {r: {url: /r}}\n`,
    '1:12',
    /lies inside repos\.r/,
  ],
  [
    'state inside a repository named by its .git',
    `state_dir: /r/s\n${HEAD}repos: {r: {url: /r/.git}}\n`,
    '1:12',
    /lies inside/,
  ],
  ['heartbeat too slow', `${HEAD}supervision: {heartbeat: {every: 30s}}\n`, '4:15', /less than twice/],
  ['probe too slow', `${HEAD}supervision: {probe: {answer_within: 15s}}\n`, '4:38', /not shorter/],
  ['back-off upside down', `${HEAD}supervision: {restart: {backoff_min: 10m}}\n`, '4:38', /backoff_max/],
  [
    'allowed and blocked',
    `${REPO}    allowed_paths: [src/api/**]\n    blocked_paths: [src]\n`,
    '7:21',
    /allowed, but also blocked/,
  ],
  [
    'reviewed and blocked',
    `${REPO}    review_paths: [db/x]\n    blocked_paths: [db/**]\n`,
    '7:20',
    /blocked and wins/,
  ],
  ['everything blocked', `${REPO}    blocked_paths: ["**"]\n`, '7:21', /no work could ever be accepted/],
  ['auto merge without checks', `${REPO}    merge: auto\n`, '7:12', /no check/],
  [
    'auto merge and explicit approval',
    `${REPO}    checks: [x]\n    merge: auto\n    review: {require_explicit_approval: true}\n`,
    '8:12',
    /wants a person/,
  ],
  [
    'merge by silence and explicit approval',
    `${REPO}    checks: [x]\n    review: {on_human_timeout: merge, require_explicit_approval: true}\n`,
    '8:32',
    /wants a person/,
  ],
]

describe('malformed manifests', () => {
  test.each(MALFORMED)('%s', (_name, text, place, said) => {
    const problems = problemsOf(text)
    expect(problems[0]).toMatch(/^oc\.yaml:\d+:\d+: .+; .+/s)
    expect(problems.join('\n')).toMatch(said)
    const at = problems.find((problem) => said.test(problem)) ?? ''
    expect(at.slice('oc.yaml:'.length)).toMatch(new RegExp(`^${place}`))
    expect(problems.join('\n')).not.toMatch(/\n\s+at |hunter2|ghp_aaaa|undefined|\[object/)
  })

  test('all problems come at once, in the order of the file', () => {
    const problems = problemsOf('version: 2\nname: A\nfoo: 1\nsandbox: maybe\nlimits: {concurrency: x}\n')
    expect(problems.map((problem) => problem.split(':')[1])).toEqual(['1', '2', '3', '4', '5'])
  })

  test('forty thousand mistakes take no longer than reading them', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `  k${index}: 1`).join('\n')
    const started = performance.now()
    expect(problemsOf(`version: 1\nname: a\nrepos:\n${many}\n`)).toHaveLength(50)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('but never more than fifty', () => {
    const many = Array.from({ length: 200 }, (_, index) => `k${index}: 1`).join('\n')
    expect(problemsOf(`version: 1\nname: a\n${many}\n`)).toHaveLength(50)
  })
})
