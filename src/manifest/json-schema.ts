import { z } from 'zod'
import { Manifest } from './schema/manifest.ts'

/** Where an agent's type stands in the schema; its values are the registered types. */
const AGENT_TYPE = 'properties.agents.additionalProperties.properties.type'

/** JSON Schema (2020-12) of what a person writes, for editors. Rules across keys are not in it; `manifest check` has them. */
export const manifestJsonSchema = (agentTypes: readonly string[]): z.core.JSONSchema.BaseSchema => ({
  $id: 'urn:oc-supervise:manifest:v1',
  title: 'oc-supervise manifest',
  ...z.toJSONSchema(Manifest, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ path, jsonSchema }) => {
      if (path.join('.') === AGENT_TYPE) jsonSchema.enum = [...agentTypes]
    },
  }),
})
