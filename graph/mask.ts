/** Secrets in text that programs write for people: error messages and logs of engines and providers, values in previews. */
import { SECRET_TEXT } from "./model.ts";
import { TOKENS } from "./tokens.ts";
import { SECRET_SIGNATURE } from "./values.ts";

/** Characters of a message that are kept: a provider may quote a whole answer. */
const MAX_MESSAGE = 16_384;

const NAME =
  /passw(?:or)?d|passphrase|secret|token|credential|(?:api|access|private|signing|encryption|account|master|pre-?shared|auth|service|license)[_-]?key/i;
/** Short names, which are parts of other words: `compass`, `bypass`. */
const SHORT_NAME = /(?:^|[_.-])(?:pass|pwd|psk|PASS|PWD|PSK|Pass|Pwd|Psk)$|[a-z0-9](?:Pass|Pwd|Psk)$/;
const SHORT_HINT = /pass|pwd|psk/i;
/** Ends of names that a secret's name may have and that say it is none: `tokenUrl`, `secretName`, `passwordLength`. */
const HARMLESS =
  /(?:name|id|ids|arn|url|uri|ref|path|length|version|type|policy|ttl|lifetime|expiry|provider|file|endpoint)$/i;

/** Whether what stands in a property or variable of this name is a secret, whoever forgot to say so. */
export function isSecretName(name: string): boolean {
  return name.length <= 200 && ((NAME.test(name) && !HARMLESS.test(name)) || SHORT_NAME.test(name));
}

/** A value behind a name: all of it where it is quoted, else to the next blank. No part of a URN, where types are called RandomPassword. */
const VALUE = String.raw`(?!:|\w+::)(?:(?<quote>\\?["'])(?:(?!\k<quote>)[^\r\n]){1,2000}\k<quote>|[^\s"',;&\\]+)`;
// From the beginning of a word, so that no text takes long; not in a type (`random:index/randomPassword:RandomPassword`).
const NAMED = String.raw`(?<![\w.-]|:[\w.-]{1,60}/)[\w.-]{0,100}?(?:${NAME.source})[\w.-]{0,60}`;
const SHORT = String.raw`(?<![A-Za-z0-9])(?:[\w.-]{0,60}(?:[_.-]|(?-i:[a-z0-9](?=[A-Z]))))?(?:pass|pwd|psk)`;

interface Pattern {
  /** A text without this has none: cheap to find out, as nearly all texts have none. */
  readonly hint: RegExp;
  readonly pattern: RegExp;
  /** Put before {@link SECRET_TEXT}: what of the match is none. */
  readonly keeps: string;
  readonly ends?: string;
}

const PATTERNS: readonly Pattern[] = [
  // Credentials in a URL or another connection string: all before the last @, as people forget to escape / and @ in passwords.
  { hint: /@/, pattern: /(\/\/)[^\s/@"':]{0,500}:(?!\d{1,5}(?:\/|$))[^\s"']{1,500}@/g, keeps: "$1", ends: "@" },
  { hint: /@/, pattern: /(\/\/)[^\s/@"']{1,500}@/g, keeps: "$1", ends: "@" },
  {
    hint: /@(?:tcp|udp|unix)\(/,
    pattern: /(?<![\w/@.-])[\w.-]{1,100}:[^\s"'@/:]{1,200}@(?=(?:tcp|udp|unix)\()/g,
    keeps: "",
    ends: "@",
  },
  { hint: /bearer|basic/i, pattern: /\b(bearer|basic)\s+[\w+/=.~-]{6,}/gi, keeps: "$1 " },
  // A line of YAML or of a settings file: to its end, as pass phrases have blanks.
  { hint: NAME, pattern: line(NAMED), keeps: "$1" },
  { hint: SHORT_HINT, pattern: line(SHORT), keeps: "$1" },
  // name=value, "name": "value", and the engine's dump of properties: name,,,value.
  {
    hint: NAME,
    pattern: new RegExp(`(${NAMED}\\\\?["']?\\s{0,3}(?:[=:]|,{2,5})\\s{0,3})${VALUE}`, "gi"),
    keeps: "$1",
  },
  { hint: SHORT_HINT, pattern: new RegExp(`(${SHORT}\\\\?["']?\\s{0,3}[=:]\\s{0,3})${VALUE}`, "gi"), keeps: "$1" },
  // Arguments of commands: --password hunter2, -u user:password; a line of .netrc.
  { hint: NAME, pattern: new RegExp(`((?<![\\w-])(?=--?\\w)${NAMED}[ \\t]+)(?!-)${VALUE}`, "gi"), keeps: "$1" },
  { hint: /-u/, pattern: /((?:^|\s)(?:-u|--user)[ \t=]+["']?[^\s:"']{1,200}:)[^\s"']+/g, keeps: "$1" },
  { hint: /login/i, pattern: /(\blogin[ \t]+\S{1,200}[ \t]+password[ \t]+)\S+/gi, keeps: "$1" },
  // Signatures that open what a URL leads to.
  {
    hint: /[?&]/,
    pattern: /([?&](?:sig|signature|auth|key|code|x-(?:amz|goog)-(?:signature|credential))=)[^\s&"'#]{6,}/gi,
    keeps: "$1",
  },
  ...TOKENS.map(({ hint, pattern }) => ({ hint, pattern, keeps: "" })),
  // Hetzner Cloud's tokens are 64 letters and digits; so are digests, which say what they are.
  {
    hint: /[A-Za-z0-9]{64}/,
    pattern: /(?<!sha256[:@-])(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])/g,
    keeps: "",
  },
];

function line(name: string): RegExp {
  return new RegExp(`^([ \\t]*(?:- )?["']?${name}["']?:[ \\t]+)(?![|>][-+]?\\s*$|\\{|\\[)\\S.*$`, "gim");
}

/**
 * The text without what is or looks like a secret, at most 16 KB of it.
 * @param known secrets that have been seen elsewhere, which are taken out wherever they stand.
 */
export function maskSecrets(text: string, known: Iterable<string> = []): string {
  return withoutEncoded(maskPlain(text, known), known, 0);
}

function maskPlain(text: string, known: Iterable<string>): string {
  let masked = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} …` : text;
  for (const secret of known) if (secret.length >= 6) masked = masked.replaceAll(secret, SECRET_TEXT);
  // What the engine prints after its mark of a secret has no end that could be told.
  masked = cutAfter(masked, SECRET_SIGNATURE);
  masked = withoutPrivateKeys(masked);
  for (const { hint, pattern, keeps, ends = "" } of PATTERNS)
    if (hint.test(masked)) masked = masked.replace(pattern, `${keeps}${SECRET_TEXT}${ends}`);
  return masked;
}

/** Long enough for `password=x` in base64: within a path or a name, on its own, and in the alphabet for URLs. */
const ENCODED = [/[A-Za-z0-9+]{16,}={0,2}/g, /[A-Za-z0-9+/]{16,}={0,2}/g, /[\w-]{16,}/g] as const;
const LONG_RUN = /[\w+/-]{16}/;
/** Gzip, of which somebody could unpack the part that is shown. */
const COMPRESSED = /(?<![A-Za-z0-9+])H4sI[A-Za-z0-9+/]{12,}={0,2}/g;
const MOST_WRAPPINGS = 3;

/** Base64 hides nothing from who can read it: what it holds is a secret where its text is one. */
function withoutEncoded(text: string, known: Iterable<string>, depth: number): string {
  if (depth >= MOST_WRAPPINGS || !LONG_RUN.test(text)) return text;
  return ENCODED.reduce(
    (rest, alphabet) =>
      rest.replace(alphabet, (run) => {
        const inner = Buffer.from(run, "base64").toString("utf8");
        if (NOT_TEXT.test(inner)) return run;
        const masked = maskPlain(inner, known);
        return masked === inner && withoutEncoded(inner, known, depth + 1) === inner ? run : SECRET_TEXT;
      }),
    text.replace(COMPRESSED, "[compressed]"),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what text has not
const NOT_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/;

function cutAfter(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : `${text.slice(0, at)}${SECRET_TEXT} …`;
}

/** PEM, PGP, SSH and PuTTY. */
const KEY_BEGINS = /-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d/;
const KEY_ENDS = /-{4,5} ?END [A-Z0-9 ]{0,40}-{4,5}|Private-MAC: ?\w+/;

function withoutPrivateKeys(text: string): string {
  let rest = text;
  let kept = "";
  for (let begin = rest.search(KEY_BEGINS); begin >= 0; begin = rest.search(KEY_BEGINS)) {
    kept += rest.slice(0, begin) + SECRET_TEXT;
    rest = rest.slice(begin + 1);
    const end = KEY_ENDS.exec(rest);
    // One that was cut has no end: then nothing behind its beginning is kept.
    rest = end ? rest.slice(end.index + end[0].length) : "";
  }
  return kept + rest;
}
