/** What one family of secrets looks like. */
export interface SecretPattern {
  /** Stable; findings carry it as `pattern/<id>`. */
  readonly id: string
  /** Completes "looks like …". */
  readonly about: string
  /** Global. Its secret is the group `secret` where it has one, else all of it. */
  readonly pattern: RegExp
  /** Made-up ones stand in documents and examples: worth replacing in what we keep, but not refusing a change for. */
  readonly oftenMadeUp?: true
}

/**
 * Shapes of secrets, the most particular first. Every expression begins at a fixed word that cannot follow a character
 * of its own class and goes on through bounded classes, so that no text takes more than linear time. ASCII alone is
 * used: they find the same in text and in bytes read as latin1.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    id: 'private-key',
    about: 'a private key',
    // No `-` in the body: many beginnings without an end are then many short matches. A cut key is one as well, and
    // one that a program puts together line by line.
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----(?:(?:\\?r?\\?n|[\r\n+ ]){1,8}(?:Proc-Type|DEK-Info):[^\r\n]{0,200}){0,2}(?:\n-(?!-)|[A-Za-z0-9+/=\\ \t\r\n]|["'],?[ \t]{0,4}[+.\\]?[ \t]{0,4}\r?\n[ \t+-]{0,20}["']){0,16000}(?:-?-----END [A-Z0-9 ]{0,60}-----)?/g,
  },
  {
    id: 'aws-access-key',
    about: 'an AWS access key',
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  },
  {
    id: 'aws-secret-key',
    about: 'an AWS secret key',
    pattern:
      /(?<![A-Za-z])aws_?(?:secret|session)_?(?:access_?)?(?:key|token)\\{0,3}["']?[ \t]{0,8}[:=]>?[ \t]{0,8}\\{0,3}["']?(?<secret>[A-Za-z0-9/+=]{40,2000})/gi,
  },
  { id: 'github-token', about: 'a GitHub token', pattern: /(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{20,255}/g },
  {
    id: 'github-fine-grained',
    about: 'a GitHub token',
    pattern: /(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{20,255}/g,
  },
  {
    id: 'gitlab-token',
    about: 'a GitLab token',
    pattern: /(?<![A-Za-z0-9_-])gl(?:pat|ptt|dt|rt|soat|cbt)-[A-Za-z0-9_-]{16,255}/g,
  },
  {
    id: 'anthropic-key',
    about: 'an Anthropic key',
    pattern: /(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{16,255}/g,
  },
  {
    id: 'openai-key',
    about: 'a key of OpenAI or of its kind',
    // With a digit, for `sk-` also begins long words of style sheets.
    pattern: /(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]{0,255}[0-9])[A-Za-z0-9_-]{20,255}/g,
  },
  {
    id: 'google-key',
    about: 'a Google key',
    pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g,
  },
  {
    id: 'google-oauth',
    about: 'a Google token',
    pattern: /(?<![A-Za-z0-9_.-])ya29\.[A-Za-z0-9_-]{20,2000}/g,
  },
  {
    id: 'slack-token',
    about: 'a Slack token',
    pattern: /(?<![A-Za-z0-9-])xox[abeprs]-[A-Za-z0-9-]{10,255}/g,
  },
  {
    id: 'slack-webhook',
    about: 'a Slack webhook',
    pattern: /(?<=hooks\.slack\.com\/(?:services|workflows)\/)[A-Za-z0-9_/]{20,255}/g,
  },
  { id: 'npm-token', about: 'an npm token', pattern: /(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { id: 'stripe-key', about: 'a Stripe key', pattern: /(?<![A-Za-z0-9_])[rs]k_live_[A-Za-z0-9]{16,255}/g },
  {
    id: 'hugging-face-token',
    about: 'a Hugging Face token',
    pattern: /(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,255}/g,
  },
  { id: 'plane-token', about: 'a Plane token', pattern: /(?<![A-Za-z0-9_])plane_api_[0-9a-f]{16,255}/g },
  {
    id: 'jwt',
    about: 'a JSON web token',
    pattern:
      /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,6000}\.[A-Za-z0-9_-]{10,1500}/g,
  },
  {
    id: 'authorization-header',
    about: 'the value of an authorization header',
    oftenMadeUp: true,
    pattern:
      /(?<![A-Za-z])(?:authorization|x-api-key|x-goog-api-key|private-token)\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}["']?(?:(?:bearer|basic|token|digest)[ \t]{1,4})?(?<secret>[A-Za-z0-9._~+/=-]{16,4096})/gi,
  },
  {
    id: 'bearer-token',
    about: 'a bearer token',
    oftenMadeUp: true,
    pattern:
      /(?<![A-Za-z])bearer[ \t]{1,4}(?<secret>(?=[A-Za-z._~+/=-]{0,255}[0-9])[A-Za-z0-9._~+/=-]{20,4096})/gi,
  },
  {
    id: 'url-password',
    about: 'a password in a URL',
    oftenMadeUp: true,
    pattern: /:\/\/[^\s/:@"'`<>]{0,100}:(?<secret>[^\s/@"'`<>]{3,200})(?=@)/g,
  },
]

/** No match is longer, in characters: how far whoever reads a text in pieces must look beyond a cut. */
export const LONGEST_MATCH = 18_000

/** Where a secret stands in a text: offsets of the secret alone, not of what stands around it. */
export interface SecretSpan {
  readonly id: string
  readonly about: string
  readonly oftenMadeUp: boolean
  readonly start: number
  readonly end: number
}

/** Everything in a text that has the shape of a secret, in the order of the patterns; spans may overlap. */
export const findSecretShapes = (text: string): SecretSpan[] =>
  mayHold(text)
    ? SECRET_PATTERNS.flatMap(({ id, about, pattern, oftenMadeUp = false }) =>
        [...text.matchAll(pattern)].map((match) => {
          const secret = match.groups?.secret ?? match[0]
          const start = match.index + match[0].lastIndexOf(secret)
          return { id, about, oftenMadeUp, start, end: start + secret.length }
        }),
      )
    : []

/**
 * One pass that most texts fail: only then are twenty patterns tried. Each alternative is in every match of its pattern.
 */
const mayHold = (text: string): boolean =>
  /PRIVATE KEY|A(?:KIA|SIA|BIA|CCA)|aws|gh[pousr]_|github_pat|gl(?:pat|ptt|dt|rt|soat|cbt)-|sk-|AIza|ya29|xox|hooks\.slack|npm_|k_live_|hf_|plane_api|eyJ|authorization|api-key|private-token|bearer|:\/\//i.test(
    text,
  )
