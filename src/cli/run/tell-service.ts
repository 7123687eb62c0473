import type { Supervisor } from '../../../supervisor/supervisor-api.ts'
import type { ServiceManager } from '../../platform/service-manager.ts'
import type { Progress } from './read-progress.ts'

/** Tells the service manager how the tree stands, whenever that has changed. */
export const tellService = (manager: ServiceManager | null, supervisor: Supervisor) => {
  let said = ''
  let isStopping = false
  return {
    /** Said once, as soon as the end has begun. */
    phase: (): void => {
      if (isStopping || !ENDING.includes(supervisor.phase())) return
      isStopping = true
      manager?.tell('STOPPING', '1')
    },
    /** A whole look at the tree is over: what it knows is on disk, and `status` answers. */
    looked: (progress: Progress): void => {
      if (manager === null) return
      if (said === '') manager.tell('READY', '1')
      const status = describe(supervisor, progress)
      if (status !== said) manager.tell('STATUS', status)
      said = status
    },
  }
}

const ENDING: readonly string[] = ['draining', 'stopping', 'killing']

const describe = (supervisor: Supervisor, { actors }: Progress): string => {
  const children = supervisor.records()
  const up = children.filter(({ state }) => state === 'ready' || state === 'finished').length
  const moving = actors.filter(({ standing }) => standing === 'moving').length
  const wanting = supervisor.attention().length
  return `${supervisor.phase()}: ${up} of ${children.length} children up, ${moving} at work${wanting === 0 ? '' : `, ${wanting} want a person`}`
}
