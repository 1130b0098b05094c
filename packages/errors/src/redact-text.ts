/**
 * Keeps secrets out of texts, told by their shape: messages and stacks of libraries, URLs, dumps of
 * headers and of JSON, connection strings.
 *
 * @module
 */
import { isSecretKey } from './secret-key.ts';

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Longest text that is kept, in characters. */
const MAX_TEXT = 16_384;

/** A stem of every secret key, and how every known token begins. */
const STEMS = [
  ...['pass', 'pwd', 'secret', 'token', 'auth', 'cookie', 'cred', 'jwt', 'bearer', 'basic', 'key'],
  ...['sess', 'csrf', 'xsrf', 'card', 'signature', 'otp\\b', 'totp\\b', 'cv[cv]2?\\b', 'iban\\b'],
  ...['ssn\\b', 'pin\\b', 'pan\\b', 'sid\\b', 'sig\\b', 'private'],
  ...['eyJ', 'gh[opsru]_', 'github_', 'npm_', 'hf_', 'sk_', 'rk_', 'sk-', 'xox', 'glpat', 'AKIA'],
  ...['ASIA', 'AIza', 'ya29', 'SG\\.'],
];

/** Whether a text can hold any of what is below: most hold none, and this is all that they cost. */
const MAYBE_SECRET = new RegExp(`@|${byFirstLetter(STEMS).join('|')}`, 'i');

/** A private key, with all lines of it, also where its end has been cut off. */
const PEM =
  /(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)[\s\S]*?(-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g;

/**
 * The user information of a URL (RFC 3986, section 3.2.1), up to the last `@` before the path; other
 * schemes than http are connection strings, in whose passwords people leave slashes as they are.
 */
const HTTP_USER = /\b(https?:\/\/)([^\s/?#"'<>@]*)((?:@[^\s/?#"'<>@]*)*)@/gi;
const OTHER_USER =
  /\b((?!https?:)[a-z][a-z0-9+.-]{1,30}:\/\/)([^\s/?#"'<>:@]{0,200}:)[^\s"'<>]{1,400}@/gi;

/** The credentials of an authentication scheme (RFC 9110, section 11.4). */
const SCHEME = /\b((?:bearer|basic)\s+)([\w.~+/-]{6,}=*)/gi;

/** What tells credentials from the prose of "basic authentication failed". */
const LIKE_CREDENTIALS = /\d|=|[a-z][A-Z]|^.{20,}$/;

/** Tokens that begin in a way of their own: JSON Web Tokens, and those of the best-known issuers. */
const KNOWN_TOKENS = new RegExp(
  [
    'eyJ[\\w-]{8,2000}\\.[\\w-]{4,}(?:\\.[\\w-]*)?',
    '(?:AKIA|ASIA)[A-Z0-9]{16}',
    'gh[opsru]_[A-Za-z0-9]{20,}|github_pat_\\w{20,}|glpat-[\\w-]{20,}',
    'xox[abeoprs]-[\\w-]{10,}',
    'sk-[\\w-]{20,}|(?:sk|rk)_(?:live|test)_\\w{10,}',
    'AIza[\\w-]{35}|ya29\\.[\\w-]{20,}',
    '(?:npm|hf)_[A-Za-z0-9]{30,}',
    'SG\\.[\\w-]{16,64}\\.[\\w-]{16,}',
  ]
    .map((shape) => `\\b(?:${shape})`)
    .join('|'),
  'g',
);

/** A cookie or a credential takes the rest of a header's line, or of its quoted text. */
const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie2?)(\\?["']?\s{0,4}(?::|=>)\s{0,4}(?:(\\?["'])|))([^\r\n]*)/gi;

/** `key=`, `key: ` or `"key":`, the last also as JSON inside of JSON. */
const KEY =
  /(?<![\w$.-])([\w$.-]{1,128}(?: (?:key|id|number|no|code))?)(?:\\?["'])?\s{0,4}(?:=>|[=:])\s{0,4}/gi;

/** The value behind a key: quoted, in brackets, or a word; in a connection string up to its `;`. */
const VALUE =
  /(\\"|["'])(?:(?!\1)(?:\\[\s\S]|[^\\]))*(\1|$)|\{[^}]*(?:\}|$)|\[[^\]]*(?:\]|$)|[^\s,;&"'<>]+(?: [^\s,;&="'][^,;&="'\n]{0,80}(?=;))?/y;

/** A file in a stack, whose line number is behind a colon. */
const SOURCE_FILE = /\.(?:[cm]?[jt]sx?|json|node)$/i;

/** What has been taken out before. */
const DONE = /(?:(?:bearer|basic|digest|negotiate)\s+)?\[redacted\]/iy;

/** A password that is named in prose. */
const NAMED =
  /\b(pass(?:word|wd|phrase|code)(?:\s+(?:is|was))?\s+)(["'`])(?:[^"'`\s][^"'`\n]{0,200})?\2/gi;

/** An option of a command line, whose value is the next word. */
const OPTION = /(?<!\S)(--[\w-]{2,64})(\s+)(?!-)([^\s"']+)/g;

/** A text without the secrets that can be told by their shape, cut at 16,384 characters. */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  if (!MAYBE_SECRET.test(short)) return short;
  const withoutShapes = short
    .replace(PEM, `$1${REDACTED}$2`)
    .replace(OTHER_USER, `$1$2${REDACTED}@`)
    .replace(HTTP_USER, withoutUser)
    .replace(HEADER, withoutHeader)
    .replace(SCHEME, (whole, scheme: string, credentials: string) =>
      LIKE_CREDENTIALS.test(credentials) ? `${scheme}${REDACTED}` : whole,
    )
    .replace(KNOWN_TOKENS, REDACTED)
    .replace(NAMED, `$1$2${REDACTED}$2`)
    .replace(OPTION, (whole, option: string, blank: string) =>
      isSecretKey(option) ? `${option}${blank}${REDACTED}` : whole,
    );
  return withoutValues(withoutShapes);
}

/** A name before a password stays; a name alone may be a token. */
function withoutUser(_: string, scheme: string, first: string, more: string): string {
  const colon = first.indexOf(':');
  if (colon < 0) return more === '' && first === '' ? `${scheme}@` : `${scheme}${REDACTED}@`;
  return `${scheme}${first.slice(0, colon)}:${REDACTED}@`;
}

function withoutHeader(
  whole: string,
  name: string,
  separator: string,
  quote: string | undefined,
  rest: string,
): string {
  const end = quote === undefined ? rest.length : rest.indexOf(quote);
  const value = end < 0 ? rest : rest.slice(0, end);
  if (value.trim() === '') return whole;
  const scheme = /^(?:bearer|basic|digest|negotiate)\s+/i.exec(value)?.[0] ?? '';
  return `${name}${separator}${scheme}${REDACTED}${rest.slice(value.length)}`;
}

/** Values of secret keys. What stands behind any other key is looked through in turn. */
function withoutValues(text: string): string {
  let result = '';
  let kept = 0;
  for (const match of text.matchAll(KEY)) {
    const start = match.index + match[0].length;
    const key = match[1] ?? '';
    if (start < kept || !isSecretKey(key) || SOURCE_FILE.test(key)) continue;
    if (matchAt(DONE, text, start)) continue;
    const found = matchAt(VALUE, text, start);
    if (!found || found[0].startsWith('//')) continue;
    const [value, open = '', close = ''] = found;
    result += `${text.slice(kept, start)}${open}${REDACTED}${close}`;
    kept = start + (open ? value.length : endOf(value));
  }
  return result + text.slice(kept);
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

/** Where a value ends that is not quoted: the brackets behind it are those around it. */
function endOf(value: string): number {
  let end = value.length;
  if (value.startsWith('[') || value.startsWith('{')) return end;
  while (end > 1 && ')]}'.includes(value[end - 1] as string)) end--;
  return end;
}

/** As `p(?:ass|wd)`: one look at a character then rules nearly all of them out. */
function byFirstLetter(stems: readonly string[]): string[] {
  // Not Object.groupBy, which Node 20 does not have.
  const letters = new Set(stems.map((stem) => (stem[0] as string).toLowerCase()));
  const rest = (letter: string) =>
    stems.filter((stem) => stem[0]?.toLowerCase() === letter).map((stem) => stem.slice(1));
  return [...letters].map((letter) => `${letter}(?:${rest(letter).join('|')})`);
}
