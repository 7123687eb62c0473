import { describe, expect, test } from 'vitest'
import type { PolicyFinding } from '../../src/contracts/policy-decision.ts'
import { explainFindings } from '../../src/policy/explain.ts'

const find = (effect: PolicyFinding['effect'], message: string): PolicyFinding => ({
  rule: `test.${effect}`,
  effect,
  message,
  path: null,
})
const [block, review, warn] = [find('block', 'no'), find('review', 'look'), find('warn', 'mind')]

describe('explainFindings', () => {
  test.each<[string, PolicyFinding[], string, string]>([
    ['nothing', [], 'allow', 'ALLOWED: no rule objects'],
    ['warn', [warn], 'allow_with_warnings', 'ALLOWED WITH WARNINGS: mind'],
    ['review', [review], 'require_review', 'REVIEW REQUIRED: look'],
    ['block', [block], 'block', 'BLOCKED: no'],
    ['warn, review', [warn, review], 'require_review', 'REVIEW REQUIRED: look'],
    ['warn, block', [warn, block], 'block', 'BLOCKED: no'],
    ['review, block', [review, block], 'block', 'BLOCKED: no'],
    ['all', [warn, review, block], 'block', 'BLOCKED: no'],
    ['two blocks', [block, find('block', 'nor that')], 'block', 'BLOCKED: no (and 1 more)'],
  ])('%s', (_name, findings, status, summary) => {
    expect(explainFindings(findings)).toEqual({ status, findings, restore: [], summary })
  })
})
