import type { RepoConfig } from '../contracts/compiled-manifest.ts'
import type { PolicyFinding } from '../contracts/policy-decision.ts'
import { pathPattern } from './path-pattern.ts'
import { type PathRule, pathRules, ruleCovering } from './path-rules.ts'
import { covers, overlaps } from './pattern-relation.ts'

/**
 * Judges the scope a task declares against the repository's rules, pattern against pattern: what lies wholly under a
 * rule meets it now; what touches one is warned of, for the real diff is judged later. A rule for a name at any depth
 * touches nearly every scope, so that warning would say nothing and is left out.
 */
export const judgeScope = (declared: readonly string[], repo: RepoConfig): PolicyFinding[] => {
  const rules = pathRules(repo)
  return declared.flatMap((text) => [...judgeBounds(text, repo), ...judgeRules(text, rules)])
}

const judgeBounds = (text: string, { key, allowedPaths }: RepoConfig): PolicyFinding[] => {
  if (allowedPaths.length === 0) return []
  const scope = pathPattern(text, { ignoreCase: false })
  const allowed = allowedPaths.map((pattern) => pathPattern(pattern, { ignoreCase: false }))
  if (allowed.some((pattern) => covers(pattern, scope))) return []
  const none = !allowed.some((pattern) => overlaps(pattern, scope))
  const message = none
    ? `the declared scope ${text} lies outside repos.${key}.allowed_paths`
    : `only what repos.${key}.allowed_paths has of the declared scope ${text} may be changed`
  return [{ rule: 'path.outside_allowed', effect: none ? 'block' : 'warn', message, path: text }]
}

const judgeRules = (text: string, rules: readonly PathRule[]): PolicyFinding[] => {
  const whole = ruleCovering(rules, text)
  if (whole?.effect === 'block') {
    return [
      {
        rule: 'path.blocked',
        effect: 'block',
        message: `the declared scope ${text} ${whole.because}`,
        path: text,
      },
    ]
  }
  if (whole !== null) {
    return [
      {
        rule: 'path.review_required',
        effect: 'review',
        message: `the declared scope ${text} ${whole.because}`,
        path: text,
      },
    ]
  }
  const scope = pathPattern(text, { ignoreCase: true })
  const touched = rules.filter(({ pattern }) => pattern.segments[0] !== '**' && overlaps(pattern, scope))
  return touched.map(({ text: rule, effect }) => ({
    rule: effect === 'block' ? 'path.blocked' : 'path.review_required',
    effect: 'warn',
    message: `changes to ${rule}, a part of the declared scope ${text}, ${effect === 'block' ? 'are refused' : 'wait for a person'}`,
    path: text,
  }))
}
