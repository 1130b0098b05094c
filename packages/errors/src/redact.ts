/**
 * Keeps secrets out of logs and bodies, by key.
 *
 * @module
 */
const SECRET_KEY =
  /pass(?:word|wd|phrase)|secret|token|authorization|cookie|api[-_]?key|private[-_]?key|credential|card[-_]?(?:number|no)|^card$|^pan$|cvv|cvc|iban|ssn/i;

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;

/** Whether a value under this key is kept out of logs and bodies. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/**
 * A copy of `value` in which whatever stands under a secret's key is `[redacted]`. Bounded in
 * depth (6) and in items of a list (50), safe for cycles, so that it can be given anything.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, new Set());
}

function copy(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (above.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[too deep]';
  above.add(value);
  const result = Array.isArray(value)
    ? value.slice(0, MAX_ITEMS).map((item) => copy(item, depth + 1, above))
    : Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          isSecretKey(key) ? REDACTED : copy(item, depth + 1, above),
        ]),
      );
  above.delete(value);
  return result;
}
