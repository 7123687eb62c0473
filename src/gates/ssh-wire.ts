/** Bytes that are not what the SSH wire format says; the message names what was being read. */
export class SshFormatError extends Error {
  override readonly name = 'SshFormatError'
}

/** Reads SSH wire fields (RFC 4251 §5) one after the other. Every method throws SshFormatError past the end. */
export interface SshReader {
  bytes(length: number): Buffer
  byte(): number
  uint32(): number
  /** A length-prefixed byte string. */
  string(): Buffer
  /** A length-prefixed string that must be printable ASCII (names of algorithms and namespaces). */
  name(): string
  /** @throws SshFormatError when bytes are left: nothing unread may ride along in something signed. */
  end(): void
}

/** Starts reading `data`; `what` stands in the messages of errors. */
export const sshReader = (data: Buffer, what: string): SshReader => {
  let offset = 0
  const bytes = (length: number): Buffer => {
    if (offset + length > data.length) throw new SshFormatError(`${what} ends too early`)
    offset += length
    return data.subarray(offset - length, offset)
  }
  const uint32 = (): number => bytes(4).readUInt32BE(0)
  const string = (): Buffer => bytes(uint32())
  return {
    bytes,
    uint32,
    string,
    byte: () => bytes(1).readUInt8(0),
    name: () => {
      const text = string().toString('latin1')
      if (!/^[\x20-\x7e]*$/.test(text))
        throw new SshFormatError(`${what} holds a name that is not plain text`)
      return text
    },
    end: () => {
      if (offset !== data.length)
        throw new SshFormatError(`${what} has ${data.length - offset} bytes too many`)
    },
  }
}

/** Four bytes, big endian. */
export const sshUint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A length-prefixed byte string; text goes in as UTF-8. */
export const sshString = (value: string | Uint8Array): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  return Buffer.concat([sshUint32(bytes.length), bytes])
}

/** Decodes base64 in its one canonical spelling, so that two different texts never mean the same bytes. Null otherwise. */
export const decodeBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null
}
