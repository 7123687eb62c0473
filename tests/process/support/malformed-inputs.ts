/** Malformed inputs of every kind that a person or a program can hand to the command line. */
import { plainManifest } from './plain-manifest.ts'

/** A manifest in order; what is malformed is made from it. */
export const MANIFEST = plainManifest(
  'plain',
  `agents:
  any: {type: command, command: ["true"]}
lanes:
  goal: {agent: any}
`,
)

const NUL = 'a\0b'
const ESCAPE = 'a\u001b[2Jb'
const MEGABYTE = 'x'.repeat(1024 * 1024)

/** Texts of tasks, by file. */
export const BODIES: Readonly<Record<string, string>> = {
  'empty.md': '',
  'blank.md': ' \n\t\n',
  'only-headings.md': '## Goal\n\n## Constraints\n',
  'nul.md': `## Goal\n${NUL}\n`,
  'escape.md': `## Goal\nDo it ${ESCAPE}\n`,
  'one-line.md': MEGABYTE,
  'long.md': `## Goal\n${'word '.repeat(45_000)}\n`,
  'two-goals.md': '## Goal\na\n## Goal\nb\n',
  'no-yaml.md': '## Goal\na\n## Execution\n: : [\n',
  'unknown-key.md': '## Goal\na\n## Execution\nrepos: app\n',
  'list.md': '## Goal\na\n## Execution\n- app\n',
  'alias.md': '## Goal\na\n## Execution\nrepo: &a app\nkind: *a\n',
  'other-repo.md': '## Goal\na\n## Execution\nrepo: ../../etc\n',
  'path-up.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: [../etc/**]\n',
  'path-absolute.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: [/etc/**]\n',
  'path-newline.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: ["a\\nb"]\n',
  'option-branch.md': '## Goal\na\n## Execution\nrepo: app\nbase_branch: --upload-pack=id\n',
  'depends.md': '## Goal\na\ndepends_on: ../task\n',
  'risk.md': '## Goal\na\n## Execution\nrepo: app\nrisk: none\n',
  'latin.md': '## Goal\n\xff\xfe\n',
}
/** Manifests, by file. */
export const MANIFESTS: Readonly<Record<string, string>> = {
  'm-empty.yaml': '',
  'm-nul.yaml': MANIFEST.replace('plain', NUL),
  'm-up.yaml': MANIFEST.replace('name: plain', 'name: ../../plain'),
  'm-newline.yaml': MANIFEST.replace('name: plain', 'name: "a\\nb"'),
  'm-line.yaml': `${MANIFEST}# ${MEGABYTE}`,
  'm-key.yaml': MANIFEST.replace('agents:', 'agnets:'),
  'm-half.yaml': MANIFEST.slice(0, 120),
  'm-bomb.yaml': `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
  'm-option.yaml': MANIFEST.replace('remote.git', '--upload-pack=id'),
  'm-json.yaml': '{"version": 1, "name": "plain"',
  'm-work-tree.yaml': MANIFEST.replace('remote.git', 'work').replace('state_dir: state', 'state_dir: work'),
  'm-sandbox.yaml': MANIFEST.replace('sandbox: off\n', 'sandbox: maybe\n'),
}

const add = (...flags: string[]) => ['task', 'add', ...flags]
const body = (name: string) => add('--file', `@/${name}`)

/** What was typed and what is said. `@` is the system's folder; its manifest is named where none is. */
export const TYPED: ReadonlyArray<readonly [argv: readonly string[], said: RegExp]> = [
  // Task bodies
  [body('empty.md'), /no goal/],
  [body('blank.md'), /no goal/],
  [body('only-headings.md'), /no goal/],
  [body('nul.md'), /line 2.*control character/],
  [body('escape.md'), /line 2.*control character/],
  [body('one-line.md'), /longer than 256 KiB/],
  [body('long.md'), /characters/],
  [body('two-goals.md'), /a second "## Goal"/],
  [body('no-yaml.md'), /## Execution is no YAML/],
  [body('unknown-key.md'), /repos/],
  [body('list.md'), /key: value/],
  [body('alias.md'), /alias/i],
  [body('other-repo.md'), /repo/],
  [body('path-up.md'), /allowed_paths/],
  [body('path-absolute.md'), /allowed_paths/],
  [body('path-newline.md'), /allowed_paths/],
  [body('option-branch.md'), /base_branch/],
  [body('depends.md'), /depends_on/],
  [body('risk.md'), /risk/],
  [body('latin.md'), /UTF-8/],
  [body('not-there.md'), /cannot be read \(ENOENT\)/],
  [add('--file', '@'), /cannot be read \(EISDIR\)/],
  [add('--file', NUL), /--file/],
  // Task options
  [add(), /exactly one of --goal TEXT and --file FILE/],
  [add('--goal', 'a', '--file', '@/empty.md'), /exactly one of/],
  [add('--goal', '  \n '), /no goal/],
  [add('--goal', NUL), /NUL character/],
  [add('--goal', MEGABYTE), /longer than 256 KiB/],
  [add('--goal', '--json'), /--goal/],
  [add('--goal', 'a', '--title', 'two\nlines'), /title/],
  [add('--goal', 'a', '--title', ESCAPE), /title/],
  [add('--goal', 'a', '--title', 'x'.repeat(300)), /title/],
  [add('--goal', 'a', '--repo', '../app'), /repo/],
  [add('--goal', 'a', '--repo', 'app\nother'), /repo/],
  [add('--goal', 'a', '--kind', '--kind'), /kind/],
  [add('--goal', 'a', '--priority', 'now'), /priority/],
  [add('--goal', 'a', '--label', 'a\nb'), /label/],
  [add('--goal', 'a', '--label', 'x'.repeat(500)), /label/],
  [add('--goal', 'a', '--colour', 'red'), /unknown option/],
  // Names of things
  [['task', 'show', '../../etc/passwd'], /no task/],
  [['task', 'show', 'task-a\nb'], /no task/],
  [['task', 'show', NUL], /no task/],
  [['task', 'show', MEGABYTE], /no task/],
  [['task', 'cancel', '--task'], /unknown option/],
  [['task', 'retry', 'task-none'], /no task/],
  [['task', 'move', 'task-none', 'Ready'], /no task/],
  [['task', 'list', '--state', 'Ready\n'], /--state/],
  [['runs', 'show', '../../state'], /no run/],
  [['runs', 'show', `run-${NUL}`], /no run/],
  [['gate', 'show', 'gate-../..'], /no gate/],
  [['gate', 'approve', 'gate-none', '--note', 'a', '--by', '../ada'], /--by/],
  [['gate', 'approve', 'gate-none', '--note', 'a', '--by', 'ada'], /no gate/],
  [['gate', 'approve', 'gate-none', '--note', MEGABYTE, '--by', 'ada'], /--note/],
  [
    ['gate', 'approve', 'gate-none', '--note', 'a', '--statement', NUL, '--signature', 'b'],
    /no gate|--statement/,
  ],
  [['mark-manual-gate', '--decision', 'maybe', '--note', 'a'], /--decision/],
  [['logs', '../journal.db'], /log/],
  [['logs', NUL], /log/],
  [['explain', 'task-a\nb'], /task-a\\nb|nothing|no /],
  [['explain', MEGABYTE], /x{20}|nothing|no /],
  [['verify', 'run-none'], /no evidence/],
  [['verify', NUL], /no run and no file/],
  [['verify', '--against', 'half'], /--against/],
  [['restart', '../goal'], /no supervisor runs/],
  [['stop', '--gently'], /unknown option/],
  [['run', '--max-wait', '5'], /max-wait/],
  [['run', '--max-wait', '-1h'], /max-wait/],
  [['task', 'list', '--name', '../plain'], /--name/],
  [['task', 'list', '--state-dir', '@/oc-supervise.yaml'], /oc-supervise\.yaml|no system|no board/],
  [['task', 'list', '--state-dir', NUL], /state-dir|no board|null/],
  [['journal', 'export', '@/oc-supervise.yaml'], /exist/],
  [['journal', 'import', '@/m-line.yaml', '--state-dir', '@/imported'], /neither an event nor an anchor/],
  [['lunch\nnow'], /no command/],
  [[MEGABYTE], /no command/],
  [[NUL], /no command/],
  // Manifests
  ...[
    'empty',
    'nul',
    'up',
    'newline',
    'line',
    'key',
    'half',
    'bomb',
    'option',
    'json',
    'sandbox',
    'binary',
    'folder',
  ].flatMap((name): [string[], RegExp][] => [
    [['run', '--until-idle', '--manifest', `@/m-${name}.yaml`], new RegExp(`m-${name}.yaml`)],
    [['task', 'list', '--manifest', `@/m-${name}.yaml`], new RegExp(`m-${name}.yaml`)],
  ]),
  [['run', '--until-idle', '--manifest', '@/m-work-tree.yaml'], /lies inside repos\.app/],
  [['manifest', 'check', '--manifest', NUL], /manifest/],
  [['manifest', 'check', '--manifest', '@/none.yaml'], /none\.yaml/],
]
