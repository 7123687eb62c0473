// Reads one byte of each page of 8 MB, again and again and then once a second: what memory costs that was left alone.
import { setTimeout as sleep } from 'node:timers/promises'

const PAGE = 4_096
const pages = 2_048
const memory = new Uint8Array(pages * PAGE).fill(1)

const touchUs = () => {
  const began = performance.now()
  let sum = 0
  for (let at = 0; at < memory.length; at += PAGE) sum += memory[at]
  const us = (performance.now() - began) * 1_000
  if (sum !== pages) throw new Error('it was not read')
  return us / pages
}
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

const warm = []
for (let n = 0; n < 200; n += 1) warm.push(touchUs())
const cold = []
for (let n = 0; n < 10; n += 1) {
  await sleep(1_000)
  cold.push(touchUs())
}
process.stdout.write(`${JSON.stringify({ warmUs: median(warm), coldUs: median(cold) })}\n`)
