import { describe, expect, test } from 'vitest'
import { GateId, TaskId } from '../../src/contracts/ids.ts'
import { newId, randomHex } from '../../src/platform/random.ts'
import { sha256 } from '../../src/platform/sha256.ts'

describe('newId', () => {
  test('carries its kind and satisfies the contract', () => {
    expect(TaskId.safeParse(newId('task')).success).toBe(true)
    expect(GateId.safeParse(newId('task')).success).toBe(false)
  })

  test('sorts in the order of drawing and never repeats', () => {
    const ids = Array.from({ length: 2_000 }, () => newId('run'))
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('randomHex gives two digits a byte, never the same', () => {
  expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/)
  expect(randomHex(16)).not.toBe(randomHex(16))
})

test('sha256 of text and of its UTF-8 bytes agree with the published value', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect(sha256('')).toBe(empty)
  expect(sha256('ä')).toBe(sha256(new TextEncoder().encode('ä')))
})
