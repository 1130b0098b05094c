/**
 * What is known about an error before it happens: the entry a code has in the catalogue.
 *
 * @module
 */

/** Who failed: the caller, a rule of the business, or we and what we depend on. */
export type ErrorType = 'client' | 'business' | 'technical';

/** The level at which the one error line of a failed response is logged. */
export type ErrorLogLevel = 'info' | 'warn' | 'error';

/** The wire formats an error can be rendered in. */
export type FormatName = 'universal' | 'problem' | 'coded' | 'envelope';

/** One entry of the error catalogue. */
export interface ErrorKind {
  /**
   * The name of the class that stands for it, as `NotFoundError`: `type` of the `envelope` format
   * and `exception.type` of the log. Declared, since a minifier renames classes. What the routing
   * answers is `HTTPException`, as users of that format expect. Default: the class's own name.
   */
  readonly name?: string;
  /** Stable identifier, `UPPER_SNAKE` or `PREFIX-000`. Clients branch on it; it never changes. */
  readonly code: string;
  /** HTTP status code. */
  readonly status: number;
  /** Status code in a format whose users expect another one. */
  readonly statusIn?: Readonly<Partial<Record<FormatName, number>>>;
  readonly type: ErrorType;
  /** Whether the same request may succeed later; the caller's operation must be idempotent too. */
  readonly retryable: boolean;
  readonly logLevel: ErrorLogLevel;
  /** Whether an occurrence counts towards alerts that page. */
  readonly alerts: boolean;
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What the client should do. */
  readonly client: string;
  /** What the operator should do. */
  readonly operator: string;
}

/** What a kind must say for itself; the rest comes from its parent. */
export type ErrorKindOptions = Pick<ErrorKind, 'code' | 'meaning'> & Partial<ErrorKind>;

const CODE = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|[A-Z]+-\d{3})$/;
const MAX_CODE = 64;
const MAX_KINDS = 1_000;
const catalogue = new Map<string, ErrorKind>();

/**
 * Enters a kind of error into the catalogue of this process and returns it.
 * Everything left out is taken from `parent`, but the name: a subclass has its own.
 *
 * @throws {TypeError} when the code is malformed, stands for another kind already, or the status
 *   is no HTTP error status: found at start-up, not when the error first happens.
 * @example
 * class OutOfStockError extends ConflictError {
 *   static override readonly kind = defineKind(ConflictError.kind, {
 *     name: 'OutOfStockError',
 *     code: 'OUT_OF_STOCK',
 *     meaning: 'Fewer items are in stock than were asked for.',
 *   });
 * }
 */
export function defineKind(parent: ErrorKind, options: ErrorKindOptions): ErrorKind {
  const { name: _, ...inherited } = parent;
  const kind: ErrorKind = Object.freeze({ ...inherited, ...options });
  if (!isErrorCode(kind.code)) {
    throw new TypeError(`error code ${kind.code} is neither UPPER_SNAKE nor PREFIX-000`);
  }
  for (const status of [kind.status, ...Object.values(kind.statusIn ?? {})]) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new TypeError(`error code ${kind.code} has status ${status}; expected 400 to 599`);
    }
  }
  const existing = catalogue.get(kind.code);
  if (existing && JSON.stringify(existing) !== JSON.stringify(kind)) {
    throw new TypeError(`error code ${kind.code} is defined twice, with different meanings`);
  }
  catalogue.set(kind.code, existing ?? kind);
  return existing ?? kind;
}

/**
 * The kind for a code that is made of a noun, such as `ITEM_NOT_FOUND`: the one that has the code,
 * or a new one. Unlike {@link defineKind} it may meet the same code again and again, and it never
 * throws, since it is called while an error is built: where the noun makes no code, the code stands
 * for another status, or 1,000 kinds are known already (nouns that come from outside must not
 * become as many labels), it is `parent`.
 */
export function kindOfNoun(parent: ErrorKind, options: ErrorKindOptions): ErrorKind {
  const existing = catalogue.get(options.code);
  if (existing) return existing.status === parent.status ? existing : parent;
  if (!isErrorCode(options.code) || catalogue.size >= MAX_KINDS) return parent;
  return defineKind(parent, { ...named(parent), ...options });
}

function named({ name }: ErrorKind): Pick<ErrorKind, 'name'> {
  return name === undefined ? {} : { name };
}

/** Whether a text has the shape of an error code: `UPPER_SNAKE` or `PREFIX-000`, at most 64 long. */
export function isErrorCode(text: string): boolean {
  return text.length <= MAX_CODE && CODE.test(text);
}

/** Every kind of error this process knows, sorted by code. */
export function listKinds(): ErrorKind[] {
  return [...catalogue.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** The kind with this code, if this process knows it. */
export function findKind(code: string): ErrorKind | undefined {
  return catalogue.get(code);
}

/** The first kind with this name that is answered with this status in a format. */
export function findKindNamed(
  name: string,
  status: number,
  format: FormatName,
): ErrorKind | undefined {
  return [...catalogue.values()].find(
    (kind) => kind.name === name && statusOf(kind, format) === status,
  );
}

/** The status of a kind in a format: its override there, or else its own. */
export function statusOf(kind: ErrorKind, format: FormatName): number {
  return kind.statusIn?.[format] ?? kind.status;
}
