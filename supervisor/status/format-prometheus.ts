import { CLAIM_EXIT } from './decide-claim.ts'
import type { StatusView } from './read-view.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/** The Prometheus text format (version 0.0.4), for a textfile collector or an exec exporter. */
export const formatPrometheus = (view: StatusView): string => {
  const { status, name } = view
  const counts = Object.entries(status?.counts ?? {})
  const metrics: [metric: string, help: string, samples: Sample[]][] = [
    [
      'claim',
      'The claim about the tree: 1 for the one that holds.',
      Object.keys(CLAIM_EXIT).map((claim) => [{ claim }, Number(claim === view.claim)]),
    ],
    [
      'claim_code',
      'Exit code of the claim: 0 live, 10 waiting, 11 unproven, 12 ended, 13 snapshot.',
      [[{}, CLAIM_EXIT[view.claim]]],
    ],
    [
      'supervisor_proved',
      '1 where the supervisor is proved alive.',
      [[{}, Number(view.supervisor.proof === 'proved')]],
    ],
    ['survivors', 'Registered processes that outlived their supervisor.', [[{}, view.survivors.length]]],
    ['paused', '1 while a person has paused it.', [[{}, Number(view.facts.paused)]]],
    [
      'walls',
      'What contains agents, and what a decision is therefore worth; always 1.',
      status === null
        ? []
        : [[{ containment: status.containment, sandbox: status.sandbox, gate_trust: status.gateTrust }, 1]],
    ],
    [
      'status_age_seconds',
      'Age of the last record.',
      view.statusAgeMs === null ? [] : [[{}, view.statusAgeMs / 1000]],
    ],
    [
      'child_proved',
      '1 where a wanted child is proved, 0 where it is not.',
      view.children
        .filter(({ proof }) => proof !== 'unwanted')
        .map(({ record, proof }) => [{ child: record.id, state: record.state }, Number(proof === 'proved')]),
    ],
    [
      'child_restarts',
      'How often a child was started again under this supervisor.',
      view.children.map(({ record }) => [{ child: record.id }, record.restarts]),
    ],
    ['tasks', 'Tasks on the board by state.', counts.map(([state, count]) => [{ state }, count])],
    ['keepers', 'Agents in flight.', [[{}, view.keepers.length]]],
    [
      'attention',
      'What wants a person; always 1.',
      view.attention.map(({ kind, subject, action }) => [{ kind, subject, action }, 1]),
    ],
  ]
  return metrics
    .filter(([, , samples]) => samples.length > 0)
    .map(([metric, help, samples]) => {
      const full = `oc_supervise_${metric}`
      const lines = samples.map(([labels, value]) => `${full}${labelsOf({ name, ...labels })} ${value}`)
      return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('\n')}\n`
    })
    .join('')
}

const labelsOf = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(',')}}`

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
