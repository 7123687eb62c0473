import { z } from 'zod'
import { Manifest } from './schema/manifest.ts'

/** JSON Schema (2020-12) of what a person writes, for editors. Rules across keys are not in it; `manifest check` has them. */
export const manifestJsonSchema = (): z.core.JSONSchema.BaseSchema => ({
  $id: 'urn:oc-supervise:manifest:v1',
  title: 'oc-supervise manifest',
  ...z.toJSONSchema(Manifest, { io: 'input', target: 'draft-2020-12' }),
})
