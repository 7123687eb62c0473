import assert from 'node:assert/strict'
import { test } from 'node:test'
import { total } from '../src/total.js'

test('an empty receipt costs nothing', () => assert.equal(total([]), 0))
