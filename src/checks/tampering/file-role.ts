/**
 * What a file has to do with judging the work, told by its path alone.
 * - `ci`: what other machines run
 * - `runner`: configuration of test runners, linters and the like, and nothing else
 * - `test`, `fixture`: tests with their helpers; what tests read
 */
export type FileRole = 'ci' | 'runner' | 'test' | 'fixture' | 'other'

/** The first row that matches decides. Paths are in lower case; a leading `/` stands before the first name. */
const ROLES: ReadonlyArray<readonly [FileRole, RegExp]> = [
  [
    'ci',
    /^\/\.(?:github\/(?:workflows|actions)|gitlab\/ci|forgejo|gitea|circleci|buildkite|woodpecker|teamcity|ci)\//,
  ],
  [
    'ci',
    /\/(?:\.gitlab-ci[^/]*\.ya?ml|jenkinsfile[^/]*|azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.ya?ml|\.?appveyor\.ya?ml|\.drone\.(?:ya?ml|star|jsonnet)|\.woodpecker\.ya?ml|\.cirrus\.(?:ya?ml|star)|\.?codecov\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml)$/,
  ],
  [
    'runner',
    /\/(?:vitest|jest|ava|karma|playwright|cypress|nightwatch|wdio|stryker|babel-jest|web-test-runner)\.(?:config|conf|setup|workspace)[^/]*$/,
  ],
  [
    'runner',
    /\/(?:\.mocharc[^/]*|\.nycrc[^/]*|\.c8rc[^/]*|\.taprc|pytest\.ini|tox\.ini|noxfile\.py|\.coveragerc|\.rspec|phpunit[^/]*\.xml(?:\.dist)?|nextest\.toml|\.simplecov|xunit\.runner\.json|[^/]*\.runsettings)$/,
  ],
  [
    'runner',
    /\/(?:eslint\.config\.[^/]*|\.eslintrc[^/]*|\.eslintignore|biome\.jsonc?|\.oxlintrc\.json|tslint\.json|\.?ruff\.toml|\.flake8|mypy\.ini|\.mypy\.ini|\.pylintrc|pylintrc|pyrightconfig\.json|\.bandit|\.?clippy\.toml|\.golangci\.[^/]*|\.rubocop[^/]*\.yml|checkstyle[^/]*\.xml|detekt[^/]*\.yml|\.pre-commit-config\.yaml|lefthook\.ya?ml)$/,
  ],
  ['runner', /\/(?:\.husky|\.githooks)\//],
  ['fixture', /\/(?:__fixtures__|__mocks__|__snapshots__|fixtures?|testdata|test-data|cassettes|golden)\//],
  ['fixture', /\.snap$/],
  ['test', /\/(?:tests?|__tests__|specs?|e2e|integration-tests?|test-support)\//],
  ['test', /(?:\.|_|-)(?:test|tests|spec|e2e|cy)\.[^/.]+(?:\.snap)?$/],
  ['test', /\/(?:test_[^/]*|conftest)\.py$/],
  ['test', /\/(?:test_|spec_)?helper\.rb$/],
  ['test', /\/[^/]*(?:tests?|testcase|it|spec)\.(?:java|kt|scala|groovy|cs|fs)$/],
  ['test', /\.feature$/],
]

/** The role of a repository's file. */
export const roleOf = (path: string): FileRole => {
  const lower = `/${path.toLowerCase()}`
  const role = ROLES.find(([, pattern]) => pattern.test(lower))?.[0] ?? 'other'
  // `Edit.java` is no test; `EditIT.java` is.
  return role === 'test' &&
    /[a-z](?:it|test|spec)\.(?:java|kt|scala|groovy|cs|fs)$/.test(`/${path}`) &&
    !/\/(?:tests?|specs?)\//.test(lower)
    ? 'other'
    : role
}
