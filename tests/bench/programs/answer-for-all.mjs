// The loops of many children in one process: stamps and answers for all of them, as each child of ours does for itself.
// A lane is a Node; two hundred of them would measure the machine. `answer-for-all STATE_DIR SUPERVISOR_DIST`.
import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

const [, , stateDir, dist] = process.argv
const load = (file) => import(join(dist, file))
const [{ createProbeAnswerer }, { stampHeartbeat }, { stateLayout }, { systemClock }] = await Promise.all([
  load('supervisor/child-side/answer-probe.js'),
  load('supervisor/child-side/stamp-heartbeat.js'),
  load('src/platform/state-layout.js'),
  load('src/platform/clock.js'),
])
const layout = stateLayout(stateDir)
const STAMP_EVERY_MS = 5_000
const CHALLENGE = '.challenge.json'

/** One per incarnation. */
const answerers = new Map()

const answer = (child) => {
  try {
    const { incarnation } = JSON.parse(readFileSync(layout.challenge(child), 'utf8'))
    let known = answerers.get(child)
    if (known?.context.incarnation !== incarnation) {
      const secret = readFileSync(layout.probeSecret(incarnation), 'utf8')
      const context = { child, incarnation, layout, secret }
      const head = () => ({ stream: `lane-${child}`, version: 0, hash: '0'.repeat(64) })
      known = { context, answer: createProbeAnswerer(context, systemClock, head) }
      answerers.set(child, known)
      stamp(known)
    }
    known.answer()
  } catch {
    // Half-written or taken back: it will be asked again.
  }
}

let turn = 0
const stamp = ({ context }) => {
  turn += 1
  stampHeartbeat(context, systemClock, { turn, doing: 'idle', detail: '', busyUntil: null, progress: null })
}

mkdirSync(layout.probes, { recursive: true, mode: 0o700 })
watch(layout.probes, (_event, name) => {
  if (name?.endsWith(CHALLENGE)) answer(name.slice(0, -CHALLENGE.length))
})
for (const name of readdirSync(layout.probes)) {
  if (name.endsWith(CHALLENGE)) answer(name.slice(0, -CHALLENGE.length))
}
setInterval(() => {
  for (const known of answerers.values()) stamp(known)
}, STAMP_EVERY_MS)
