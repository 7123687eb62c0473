import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokenSession, type Conversation, conversationHindrance } from './judge-trial.ts'
import { runCandidate } from './run-candidate.ts'
import { callToWrite } from './tool-calls.ts'
import type { Candidate, Found, Place, Told } from './trial.ts'
import type { TokenCounts, WireRequest } from './wires/wire.ts'

/** Words that stand in nothing but the first conversation. */
const ASKED = 'amber-lantern'
const ANSWERED = 'quiet-harbour'

const FILE = 'oc-supervise-trial.txt'
const CONTENT = 'written in a trial\n'

/** What is asked, and what each answer costs: neither of the two conversations can be taken for the other. */
interface Plan {
  readonly prompt: string
  readonly usage: TokenCounts
}
const FIRST: Plan = {
  prompt: `Write the file that you think is right. The word is ${ASKED}.\n`,
  usage: { input: 1200, cachedInput: 200, output: 34 },
}
const AGAIN: Plan = {
  prompt: 'Say hello again.\n',
  usage: { input: 1700, cachedInput: 900, output: 21 },
}

/**
 * A whole conversation in a folder it never saw, without anybody to ask: its model has a file written and is done. Then
 * the session is gone on with as an attempt does it, from another folder and with the same HOME.
 */
export const tryConversation = async (candidate: Candidate, place: Place): Promise<Found> => {
  const { type } = candidate
  if (type.wires.length === 0)
    return { failed: null, notes: ['no conversation was tried: it is not known how it asks its model'] }
  const first = await converse(candidate, place, { ...FIRST, resume: null })
  const failed = conversationHindrance(first, type.capabilities)
  if (failed !== null) return { failed, notes: [] }
  const notes = first.edit === 'not_asked' ? ['no edit was tried: its tools are not known'] : []
  if (!type.capabilities.resume) return { failed, notes }
  const broken = await trySession(candidate, place, first)
  if (broken === null) return { failed, notes }
  return { failed, notes: [...notes, `sessions are not gone on with: ${broken}`], resumes: false }
}

const trySession = async (
  candidate: Candidate,
  place: Place,
  first: Conversation,
): Promise<string | null> => {
  const { sessionId } = first.judged
  if (sessionId === null) return 'it names none'
  const { folders } = place
  const elsewhere = { ...place, folders: { ...folders, workspace: `${folders.workspace}-2` } }
  const again = await converse(candidate, elsewhere, { ...AGAIN, resume: { sessionId } })
  return brokenSession(first, again, candidate.type.capabilities, [ASKED, ANSWERED])
}

const converse = async (candidate: Candidate, place: Place, plan: Plan & Told): Promise<Conversation> => {
  const { usage, ...told } = plan
  const file = join(place.folders.workspace, FILE)
  let isAsked = false
  const seen = await runCandidate(
    candidate,
    place,
    {
      wires: candidate.type.wires,
      answer: ({ tools }: WireRequest, nth) => {
        const call = nth === 0 ? callToWrite(file, CONTENT, tools) : null
        if (call === null) return { kind: 'say', text: `Hello from the ${ANSWERED}.`, usage }
        isAsked = true
        return { kind: 'call', call: { ...call, id: 'call_1' }, usage }
      },
    },
    told,
  )
  return { ...seen, edit: isAsked ? (isWritten(file) ? 'done' : 'missing') : 'not_asked' }
}

const isWritten = (file: string): boolean => {
  try {
    return readFileSync(file, 'utf8') === CONTENT
  } catch {
    return false
  }
}
