/**
 * Keeps secrets out of logs and bodies: by key, and inside texts by their shape. Libraries that
 * redact by path (fast-redact, `@pinojs/redact`) want every path in advance, and those that look
 * into texts know a few shapes each; here one rule tells the keys of objects and those in texts.
 *
 * @module
 */
import { AppError } from './app-error.ts';
import { REDACTED, redactText } from './redact-text.ts';
import { isSecretKey } from './secret-key.ts';

export interface RedactOptions {
  /**
   * What is told of an error: `whole` has its type, message, code, stack, own properties, cause and
   * errors, for logs; `name` is for what leaves the service. Default: `name`.
   */
  readonly errors?: 'whole' | 'name';
  /** Keys of the outermost object that are left out. Default: none. */
  readonly without?: ReadonlySet<string>;
}

const MAX_DEPTH = 8;
/** Of a list, a map or an object. */
const MAX_ITEMS = 100;
/** Of everything that is reached, so that lists of lists stay bounded. */
const MAX_VALUES = 5_000;

/**
 * A JSON value of whatever is given, in which what stands under a secret's key is `[redacted]`, as
 * are secrets inside its texts. Maps, sets, dates, URLs, regular expressions, big integers, bytes,
 * functions, symbols and what has a `toJSON` are told as what they are.
 *
 * It is bounded in depth (8), in the items of each list and object (100) and in all (5,000), and says
 * where it has cut: `fields_omitted` stands beside `fields`, `_omitted` inside an object and, where a
 * list stands in no object, `[12 more]` at its end. Cycles and getters that throw cost their own
 * place only.
 */
export function redact(value: unknown, options: RedactOptions = {}): unknown {
  return new Redaction(options).copy(value);
}

class Redaction {
  readonly #options: RedactOptions;
  /** The objects that the current value stands in, outermost first. */
  readonly #above: object[] = [];
  #values = 0;

  constructor(options: RedactOptions) {
    this.#options = options;
  }

  copy(value: unknown): unknown {
    this.#values++;
    switch (typeof value) {
      case 'string':
        return redactText(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
      case 'symbol':
        return String(value);
      case 'function':
        return `[function ${this.#read(value, 'name')}]`;
      case 'object':
        return value === null ? null : this.#object(value);
      default:
        return value;
    }
  }

  #object(value: object): unknown {
    if (this.#above.includes(value)) return '[circular]';
    if (this.#above.length >= MAX_DEPTH) return '[too deep]';
    if (this.#values > MAX_VALUES) return '[too large]';
    this.#above.push(value);
    try {
      return this.#told(value);
    } catch {
      return '[unreadable]';
    } finally {
      this.#above.pop();
    }
  }

  #told(value: object): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype && !('toJSON' in value)) return this.#entries(value);
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Error) return this.#error(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Map) return this.#map(value);
    if (value instanceof Set) return this.#list(first(value), value.size);
    if (value instanceof RegExp) return String(value);
    if (value instanceof URL || value instanceof URLSearchParams) return redactText(String(value));
    if (value instanceof Headers) return this.#entries(Object.fromEntries(value));
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return this.#bytes(value);
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
      return `[${value.constructor.name}]`;
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.copy(toJSON.call(value));
    return this.#entries(value);
  }

  #list(items: ArrayLike<unknown>, total = items.length): unknown[] {
    const copies: unknown[] = [];
    const most = Math.min(items.length, MAX_ITEMS);
    for (let i = 0; i < most; i++) copies.push(this.copy(items[i]));
    const omitted = total - most;
    const container = this.#above.at(-2);
    const saidBeside = container !== undefined && !Array.isArray(container);
    if (omitted > 0 && !saidBeside) copies.push(`[${omitted} more]`);
    return copies;
  }

  #map(map: ReadonlyMap<unknown, unknown>): unknown {
    const pairs = first(map);
    if (pairs.some(([key]) => typeof key === 'object' && key !== null)) {
      return this.#list(pairs, map.size);
    }
    const told = this.#entries(
      Object.fromEntries(pairs.map(([key, value]) => [String(key), value])),
    );
    return map.size > MAX_ITEMS ? { ...told, _omitted: map.size - MAX_ITEMS } : told;
  }

  #entries(value: object): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const keys = Object.keys(value);
    const most = Math.min(keys.length, MAX_ITEMS);
    const without = this.#above.length === 1 ? this.#options.without : undefined;
    for (let i = 0; i < most; i++) {
      const key = keys[i] as string;
      if (!without?.has(key)) this.#entry(result, value, key);
    }
    if (keys.length > most) result._omitted = keys.length - most;
    return result;
  }

  #entry(result: Record<string, unknown>, value: object, key: string): void {
    // Assigned, this key would become the prototype.
    if (key === '__proto__') return;
    if (isSecretKey(key)) {
      result[key] = REDACTED;
      return;
    }
    const item = this.#read(value, key);
    const told = this.copy(item);
    result[key] = told;
    if (!Array.isArray(told) || told.length < MAX_ITEMS) return;
    const omitted = lengthOf(item) - told.length;
    if (omitted > 0) result[`${key}_omitted`] = omitted;
  }

  #error(error: Error): unknown {
    const name = String(this.#read(error, 'name'));
    if (this.#options.errors !== 'whole') return `[${name}]`;
    const told: Record<string, unknown> = { type: name };
    for (const key of ['message', 'code', 'stack', 'cause', 'errors']) {
      if (this.#read(error, key) !== undefined) this.#entry(told, error, key);
    }
    const own = this.#entries(error);
    // What the catalogue says of an error of the contract is the same each time.
    if (error instanceof AppError) delete own.kind;
    return { ...told, ...own };
  }

  /** Bytes may be a key, and say nothing to a reader; numbers do. */
  #bytes(value: ArrayBuffer | ArrayBufferView): unknown {
    const numbers = ArrayBuffer.isView(value) && !(value instanceof DataView);
    if (!numbers || value instanceof Uint8Array) {
      return `[${value.constructor.name} of ${value.byteLength} bytes]`;
    }
    return this.#list(value as unknown as ArrayLike<unknown>);
  }

  #read(value: object, key: string): unknown {
    try {
      return (value as Record<string, unknown>)[key];
    } catch {
      return '[unreadable]';
    }
  }
}

/** Of what is told as a list. */
function lengthOf(item: unknown): number {
  if (item instanceof Set || item instanceof Map) return item.size;
  return (item as ArrayLike<unknown>).length;
}

function first<T>(items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= MAX_ITEMS) break;
    taken.push(item);
  }
  return taken;
}
