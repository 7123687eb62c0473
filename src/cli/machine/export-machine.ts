import { describeMachine } from '../docs/describe-machine.ts'
import { renderMachine } from '../docs/render-machine.ts'
import { machineDefinition } from '../look/machine-definition.ts'
import { writeOut } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { findMachine, type KnownMachine } from './known-machines.ts'

const FORMATS: Readonly<Record<string, (known: KnownMachine) => string>> = {
  mermaid: ({ machine, about }) =>
    mermaidOf(renderMachine(describeMachine(machine), { owner: about, quiet: [] })),
  json: ({ machine }) => `${machineDefinition(machine)}\n`,
}

/** `machine export`: the whole chart for other tools. @throws UsageError for a machine or format that is not there. */
export const exportMachine = (name: string, format: string): void => {
  const write = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (write === undefined)
    throw new UsageError(
      `--format ${quoted(format)} is not known; write one of ${Object.keys(FORMATS).join(', ')}`,
    )
  writeOut(write(findMachine(name)))
}

/** The drawing inside a page of docs/machines/. */
const mermaidOf = (page: string): string => {
  const [, drawing] = /```mermaid\n(.*?)```/s.exec(page) ?? []
  return drawing ?? ''
}
