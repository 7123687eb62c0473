import { canonicalJson } from '../contracts/canonical-json.ts'
import type { GateSubject } from '../contracts/gate.ts'
import { sha256 } from '../platform/sha256.ts'

/** SHA-256 of the canonical subject: the content a decision is bound to. Change one field and no old decision fits. */
export const subjectHash = (subject: GateSubject): string => sha256(canonicalJson(subject))
