/**
 * One secret a pattern, as real ones look. Put together here, so that no scanner of this repository takes them for real.
 */
const letters = (count: number): string => 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(20).slice(0, count)

/** By pattern: a text that holds the secret, and the secret itself. */
export const PLANTED: Readonly<Record<string, { readonly text: string; readonly secret: string }>> = {
  'private-key': key(),
  'aws-access-key': bare(`AK${'IA'}Q7XWERTYUIOPASDF`),
  'aws-secret-key': within(letters(40), (secret) => `aws_secret_access_key = "${secret}"`),
  'github-token': bare(`gh${'p_'}${letters(36)}`),
  'github-fine-grained': bare(`github_${'pat_'}${letters(60)}`),
  'gitlab-token': bare(`gl${'pat-'}${letters(20)}`),
  'anthropic-key': bare(`sk-${'ant-'}api03-${letters(80)}`),
  'openai-key': bare(`sk-${'proj-'}${letters(48)}`),
  'google-key': bare(`AI${'za'}${letters(35)}`),
  'google-oauth': bare(`ya${'29.'}${letters(60)}`),
  'slack-token': bare(`xox${'b-'}123456789012-${letters(24)}`),
  'slack-webhook': within(
    `T12345678/B12345678/${letters(24)}`,
    (s) => `https://hooks.slack.com/services/${s}`,
  ),
  'npm-token': bare(`np${'m_'}${letters(36)}`),
  'stripe-key': bare(`sk_${'live_'}${letters(24)}`),
  'hugging-face-token': bare(`h${'f_'}${letters(34)}`),
  'plane-token': bare(`plane_${'api_'}0123456789abcdef0123456789abcdef`),
  jwt: bare(`ey${'J'}hbGciOiJIUzI1NiJ9.ey${'J'}zdWIiOiIxMjM0NTY3ODkwIn0.${letters(43)}`),
  'authorization-header': within(letters(30), (secret) => `X-Api-Key: ${secret}`),
  'bearer-token': within(letters(30), (secret) => `use Bearer ${secret} for it`),
  'url-password': within('hunter2hunter2', (secret) => `https://someone:${secret}@host.test/path`),
}

function bare(secret: string) {
  return { text: `before ${secret} after`, secret }
}

function within(secret: string, write: (secret: string) => string) {
  return { text: write(secret), secret }
}

function key() {
  const body = `${letters(64)}\n${letters(64)}\n${letters(20)}==`
  const secret = `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${body}\n-----END RSA ${'PRIVATE'} KEY-----`
  return { text: `before\n${secret}\nafter`, secret }
}
