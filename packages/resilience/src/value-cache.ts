import { LruMap } from './lru-map.ts';

interface Entry {
  readonly value: unknown;
  readonly storedAt: number;
}

/**
 * The last good values of a dependency, for its fallback steps. Bounded: the least recently used
 * value goes first. Values are handed out as they are, not copied.
 */
export class ValueCache {
  readonly #entries: LruMap<string, Entry>;

  constructor(limit: number) {
    this.#entries = new LruMap(limit);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Keeps a value; nothing happens without a key. */
  set(key: string | undefined, value: unknown, now: number): void {
    if (key !== undefined) this.#entries.set(key, { value, storedAt: now });
  }

  /** The value under this key if it is no older than `maxAgeMs`. */
  get<T>(key: string | undefined, now: number, maxAgeMs: number): { value: T } | undefined {
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (entry === undefined || now - entry.storedAt > maxAgeMs) return undefined;
    return { value: entry.value as T };
  }
}
