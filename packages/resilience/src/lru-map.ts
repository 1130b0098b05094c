/** A map of bounded size that drops the entry that was used longest ago. */
export class LruMap<K, V> {
  readonly #limit: number;
  readonly #entries = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // A Map keeps the order of insertion: entered anew, the entry is the youngest.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** @param isDisposable entries that may go first, before older ones that may not. */
  set(key: K, value: V, isDisposable: (value: V) => boolean = () => true): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#limit) this.#entries.delete(this.#oldest(isDisposable));
    this.#entries.set(key, value);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  #oldest(isDisposable: (value: V) => boolean): K {
    for (const [key, value] of this.#entries) if (isDisposable(value)) return key;
    const [oldest] = this.#entries.keys();
    return oldest as K;
  }
}
