/**
 * Values that every contract spells the same way.
 *
 * @module
 */
import { z } from 'zod';

/** An identifier: 1 to 64 letters, digits, `_` or `-`; safe in a path, a header and a log. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -');

/** A positive amount of money in cents; at most 1,000,000.00. */
export const amountCents = z.int().min(1).max(100_000_000);

/** An ISO 4217 currency code, such as `EUR`. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');

/** An amount in the smallest unit that its currency has: the cent of EUR, the yen of JPY, the fils of KWD. */
export const money = z.object({ currency, minor_units: z.int().min(1).max(100_000_000) });
export type Money = z.infer<typeof money>;

/** Hundredths of a currency as money; undefined where they make no whole smallest units. */
export function moneyOfCents(cents: number, currency: string): Money | undefined {
  return wholeMoney(currency, cents * 10 ** (minorDigits(currency) - 2));
}

/** Money in hundredths of its currency; undefined where it makes no whole ones. */
export function centsOfMoney({ currency, minor_units }: Money): number | undefined {
  const cents = minor_units * 10 ** (2 - minorDigits(currency));
  return Number.isInteger(cents) ? cents : undefined;
}

function wholeMoney(code: string, minorUnits: number): Money | undefined {
  const parsed = money.safeParse({ currency: code, minor_units: minorUnits });
  return parsed.success ? parsed.data : undefined;
}

/** Digits after the point of a currency's amounts (ISO 4217): 2 for most, 0 for JPY, 3 for KWD. */
function minorDigits(code: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** A point in time, ISO 8601 in UTC, such as `2026-11-20T12:00:00.000Z`. */
export const timestamp = z.iso.datetime();

/** How many of something an order asks for. */
export const quantity = z.int().min(1).max(100);

/** Names one request of a client, so that repeating it is safe: 1 to 128 printable characters. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces');

/** Answered with 409 by everybody who takes an {@link idempotencyKey}. */
export const IDEMPOTENCY_KEY_REUSED = {
  name: 'IdempotencyKeyReusedError',
  code: 'IDEMPOTENCY_KEY_REUSED',
  meaning: 'The Idempotency-Key was used before, with another request.',
  client: 'Use a new key for something new, and the same body when repeating a request.',
} as const;

/** Most entries a list answers with; asking for more is `LIMIT_TOO_LARGE`. */
export const MAX_LIMIT = 100;

/**
 * A number of a query, where all is text: written as people write it, in digits, with no other way
 * to write the same. What JavaScript would also take for a number (`1e3`, `0x10`, nothing at all,
 * a blank, `+1`, `01`) is refused with 422, and so is a parameter that is given twice.
 *
 * @example
 * const query = z.strictObject({ page: inDigits(z.int().min(1).default(1)) });
 */
export function inDigits<S extends z.ZodType>(schema: S) {
  return z.preprocess(
    (text) => (typeof text === 'string' && DIGITS.test(text) ? Number(text) : text),
    schema,
  );
}

const DIGITS = /^(?:0|-?[1-9]\d*)$/;

/** `?limit=` of a list. {@link MAX_LIMIT} is not checked here: exceeding it is 400, not 422. */
export const limit = inDigits(z.int().min(1).default(20));

/** `?offset=` of a list: how many entries to pass over. */
export const offset = inDigits(z.int().min(0).max(1_000_000).default(0));
