/** A rule every repository has, whatever its manifest says; manifests add to these and never take away. */
export interface DefaultRule {
  readonly pattern: string
  readonly effect: 'block' | 'review'
  /** Completes "… because it". */
  readonly because: string
}

/** In the syntax of `pathPattern`, matched without regard to case. Blocks come first, and win. */
export const DEFAULT_POSTURE: readonly DefaultRule[] = [
  { pattern: '**/.ssh/', effect: 'block', because: 'holds SSH keys and their trust' },
  { pattern: '**/.gnupg/', effect: 'block', because: 'holds GnuPG keys and their trust' },

  { pattern: '*.env', effect: 'review', because: 'configures environments, often with secrets' },
  { pattern: '.env*', effect: 'review', because: 'configures environments, often with secrets' },
  { pattern: 'config/secrets*', effect: 'review', because: 'holds secrets' },
  { pattern: 'config/secrets*/**', effect: 'review', because: 'holds secrets' },
  { pattern: '**/secrets/', effect: 'review', because: 'holds secrets' },
  { pattern: 'docker-compose*.yml', effect: 'review', because: 'decides what runs where' },
  { pattern: 'docker-compose*.yaml', effect: 'review', because: 'decides what runs where' },
  { pattern: 'compose.yml', effect: 'review', because: 'decides what runs where' },
  { pattern: 'compose.yaml', effect: 'review', because: 'decides what runs where' },
  { pattern: 'Dockerfile*', effect: 'review', because: 'decides what images hold' },
  { pattern: '*.dockerfile', effect: 'review', because: 'decides what images hold' },
  { pattern: '**/migrations/', effect: 'review', because: 'changes stored data' },
  { pattern: '.github/workflows/', effect: 'review', because: 'runs in CI with its rights' },
  { pattern: '.github/actions/', effect: 'review', because: 'runs in CI with its rights' },
  { pattern: '.forgejo/workflows/', effect: 'review', because: 'runs in CI with its rights' },
  { pattern: '.gitea/workflows/', effect: 'review', because: 'runs in CI with its rights' },
  { pattern: '.gitlab-ci.yml', effect: 'review', because: 'runs in CI with its rights' },
  { pattern: '.gitmodules', effect: 'review', because: 'brings in other repositories' },
  { pattern: '.gitattributes', effect: 'review', because: 'changes what git shows and runs' },
  { pattern: '.husky/', effect: 'review', because: 'runs on the machines of people' },
  { pattern: '.githooks/', effect: 'review', because: 'runs on the machines of people' },
]
