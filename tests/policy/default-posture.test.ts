import { describe, expect, test } from 'vitest'
import { DEFAULT_POSTURE } from '../../src/policy/default-posture.ts'
import { pathRules, ruleFor } from '../../src/policy/path-rules.ts'
import { repo } from './samples.ts'

const rules = pathRules(repo())
const effectOn = (path: string) => ruleFor(rules, path)?.effect ?? null

/** One path for every rule, by the rule's own pattern. */
const SPEAKS: Readonly<Record<string, readonly string[]>> = {
  '**/.ssh/': ['.ssh/id_rsa', 'a/.ssh/x', '.ssh'],
  '**/.gnupg/': ['.gnupg/x', 'a/.gnupg/x'],
  '*.env': ['prod.env', 'a/.env'],
  '.env*': ['.env.local', 'a/b/.envrc'],
  'config/secrets*': ['config/secrets.yml'],
  'config/secrets*/**': ['config/secrets.d/x'],
  '**/secrets/': ['secrets/x', 'a/secrets/b'],
  'docker-compose*.yml': ['docker-compose.yml', 'deploy/docker-compose.prod.yml'],
  'docker-compose*.yaml': ['docker-compose.yaml'],
  'compose.yml': ['compose.yml'],
  'compose.yaml': ['deploy/compose.yaml'],
  'Dockerfile*': ['Dockerfile', 'deploy/dockerfile.prod'],
  '*.dockerfile': ['api.Dockerfile'],
  '**/migrations/': ['migrations/1.py', 'db/migrations/2.sql'],
  '.github/workflows/': ['.github/workflows/ci.yml'],
  '.github/actions/': ['.github/actions/x/action.yml'],
  '.forgejo/workflows/': ['.forgejo/workflows/ci.yml'],
  '.gitea/workflows/': ['.gitea/workflows/ci.yml'],
  '.gitlab-ci.yml': ['.gitlab-ci.yml'],
  '.gitmodules': ['.gitmodules'],
  '.gitattributes': ['a/.gitattributes'],
  '.husky/': ['.husky/pre-commit'],
  '.githooks/': ['.githooks/pre-push'],
}

describe('the default posture', () => {
  test('every rule is in the table', () => {
    expect(Object.keys(SPEAKS)).toEqual(DEFAULT_POSTURE.map(({ pattern }) => pattern))
  })

  test.each(DEFAULT_POSTURE.map(({ pattern, effect }) => [pattern, effect] as const))(
    '%s: %s',
    (pattern, effect) => {
      for (const path of SPEAKS[pattern] ?? []) expect(effectOn(path)).toBe(effect)
    },
  )

  test.each([
    'src/a.ts',
    'README.md',
    'src/environment.ts',
    'docs/docker.md',
    'src/secrets.ts',
    '.github/CODEOWNERS',
  ])('says nothing of %s', (path) => expect(effectOn(path)).toBeNull())
})
