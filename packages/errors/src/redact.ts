/**
 * Keeps secrets out of logs and bodies: by key, and inside texts by their shape.
 *
 * @module
 */
const SECRET_KEY =
  /pass(?:word|wd|phrase|code)|pwd|secret|token|authorization|cookie|api[-_]?key|private[-_]?key|credential|card[-_]?(?:number|no)|^card$|^pan$|cvv|cvc|iban|ssn/i;

/**
 * The password of a URL, the credentials of an `Authorization` header, and a secret parameter of a
 * query: what libraries put into the texts of their errors.
 */
const SECRET_IN_TEXT =
  /(:\/\/[^\s/:@]*:)[^\s@/]+(?=@)|\b((?:bearer|basic)\s+)[\w.~+/-]{6,}=*|\b((?:password|passwd|pwd|secret|token|api[-_]?key)=)[^\s&;,'"]+/gi;

/** Whether a text can hold one of those at all: most hold none, and this costs a quarter. */
const MAYBE_SECRET = /[=@]|bearer|basic/i;

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 16_384;

/** Keys come from code, nearly always the same few; bounded, since a client may send others. */
const knownKeys = new Map<string, boolean>();
const MAX_KNOWN_KEYS = 1_000;

/** Whether a value under this key is kept out of logs and bodies. */
export function isSecretKey(key: string): boolean {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const secret = SECRET_KEY.test(key);
  if (knownKeys.size < MAX_KNOWN_KEYS) knownKeys.set(key, secret);
  return secret;
}

/** A text without the secrets that can be told by their shape, cut at 16,384 characters. */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  if (!MAYBE_SECRET.test(short)) return short;
  return short.replace(
    SECRET_IN_TEXT,
    (_, url = '', scheme = '', parameter = '') => `${url}${scheme}${parameter}${REDACTED}`,
  );
}

/**
 * A copy of `value` in which whatever stands under a secret's key is `[redacted]`, as are secrets
 * inside its texts. Bounded in depth (6) and in items of a list or an object (50), safe for cycles
 * and for getters that throw, so that it can be given anything.
 */
export function redact(value: unknown): unknown {
  return copy(value, []);
}

/** @param above the objects that `value` stands in, outermost first */
function copy(value: unknown, above: object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circular]';
  if (above.length >= MAX_DEPTH) return '[too deep]';
  above.push(value);
  try {
    return copyObject(value, above);
  } catch {
    return '[unreadable]';
  } finally {
    above.pop();
  }
}

function copyObject(value: object, above: object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => copy(item, above));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
    // Assigned, this key would become the prototype.
    if (key === '__proto__') continue;
    const item = (value as Record<string, unknown>)[key];
    result[key] = isSecretKey(key) ? REDACTED : copy(item, above);
  }
  return result;
}
