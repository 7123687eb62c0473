import type { AgentConfig } from '../../contracts/compiled-manifest.ts'

/** Providers it speaks to in their own protocol; any other at an address of ours speaks OpenAI's chat completions. */
const OWN_PROTOCOL: ReadonlySet<string> = new Set(['anthropic', 'openai', 'google'])

/** The provider and the model of a profile's `model`, PROVIDER/MODEL; at a `base_url` both may be left out. */
export const opencodeModel = (
  config: Pick<AgentConfig, 'model' | 'baseUrl'>,
): { readonly provider: string; readonly model: string } | null => {
  if (config.model === null) return config.baseUrl === null ? null : { provider: 'custom', model: 'default' }
  const slash = config.model.indexOf('/')
  return slash === -1
    ? { provider: 'custom', model: config.model }
    : { provider: config.model.slice(0, slash), model: config.model.slice(slash + 1) }
}

/**
 * Its configuration file: no updates, no sharing, nothing that asks. A key never stands in it: it is taken from the
 * variable that the profile's secret is given in.
 * @param restricted leaves out the tools that reach beyond the workspace.
 */
export const opencodeConfig = (config: AgentConfig, restricted: boolean): string => {
  const chosen = opencodeModel(config)
  const denied = restricted ? { webfetch: 'deny', websearch: 'deny' } : {}
  return `${JSON.stringify(
    {
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      // Asked when a tool is called three times with the same input: nobody is there to say no.
      permission: { doom_loop: 'deny', ...denied },
      ...(chosen === null
        ? {}
        : {
            model: `${chosen.provider}/${chosen.model}`,
            // For titles it would choose another model of its own accord.
            small_model: `${chosen.provider}/${chosen.model}`,
          }),
      ...(chosen === null || config.baseUrl === null
        ? {}
        : { provider: { [chosen.provider]: providerAt(config, chosen, config.baseUrl) } }),
    },
    null,
    2,
  )}\n`
}

const providerAt = (
  config: AgentConfig,
  { provider, model }: { readonly provider: string; readonly model: string },
  baseURL: string,
): object => {
  const variable = Object.keys(config.secrets)[0]
  const options = { baseURL, ...(variable === undefined ? {} : { apiKey: `{env:${variable}}` }) }
  if (OWN_PROTOCOL.has(provider)) return { options }
  return { npm: '@ai-sdk/openai-compatible', name: provider, options, models: { [model]: {} } }
}
