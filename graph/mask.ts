/** Secrets in text that programs write for people: error messages and logs of engines and providers. */
import { SECRET_TEXT } from "./model.ts";
import { SECRET_SIGNATURE } from "./values.ts";

/** Characters of a message that are kept: a provider may quote a whole answer. */
const MAX_MESSAGE = 16_384;

const NAME =
  /passw(?:or)?d|passphrase|secret|token|credential|(?:api|access|private|signing|encryption|account|master)[_-]?key/i;
/** Ends of names that a secret's name may have and that say it is none: `tokenUrl`, `secretName`, `passwordLength`. */
const HARMLESS =
  /(?:name|id|ids|arn|url|uri|ref|path|length|version|type|policy|ttl|lifetime|expiry|provider|file|endpoint)$/i;

/** Whether what stands in a property or variable of this name is a secret, whoever forgot to say so. */
export function isSecretName(name: string): boolean {
  return name.length <= 200 && NAME.test(name) && !HARMLESS.test(name);
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Credentials in a URL.
  [/(\/\/)[^\s/@"']{1,500}@/g, `$1${SECRET_TEXT}@`],
  [/\b(bearer|basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${SECRET_TEXT}`],
  // name=value, "name": "value", and the engine's dump of properties: name,,,value.
  [
    new RegExp(
      `([\\w.-]{0,60}?(?:${NAME.source})[\\w.-]{0,60}\\\\?["']?\\s{0,3}(?:[=:]|,{2,5})\\s{0,3}\\\\?["']?)[^\\s"',;&\\\\]+`,
      "gi",
    ),
    `$1${SECRET_TEXT}`,
  ],
  // Tokens that can be told by their form: AWS, GitHub, GitLab, Slack, Stripe, Pulumi, JSON web tokens.
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, SECRET_TEXT],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_live_|pul-)[\w-]{10,}/g, SECRET_TEXT],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, SECRET_TEXT],
  // Hetzner Cloud's tokens are 64 letters and digits; so are digests, which say what they are.
  [/(?<!sha256[:@-])(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])/g, SECRET_TEXT],
];

/**
 * The text without what is or looks like a secret, at most 16 KB of it.
 * @param known secrets that have been seen elsewhere, which are taken out wherever they stand.
 */
export function maskSecrets(text: string, known: Iterable<string> = []): string {
  let masked = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} …` : text;
  for (const secret of known) if (secret.length >= 6) masked = masked.replaceAll(secret, SECRET_TEXT);
  // What the engine prints after its mark of a secret has no end that could be told.
  masked = cutAfter(masked, SECRET_SIGNATURE);
  masked = withoutPrivateKeys(masked);
  for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
  return masked;
}

function cutAfter(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : `${text.slice(0, at)}${SECRET_TEXT} …`;
}

function withoutPrivateKeys(text: string): string {
  const begin = text.search(/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/);
  if (begin < 0) return text;
  const end = text.indexOf("-----END", begin);
  const after = end < 0 ? "" : text.slice(end).replace(/^-----END[A-Z ]{0,40}-{0,5}/, "");
  return text.slice(0, begin) + SECRET_TEXT + withoutPrivateKeys(after);
}
