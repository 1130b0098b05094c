import { LruMap } from '../lru-map.ts';
import type { Breaker } from './breaker.ts';

/**
 * The circuits of one dependency by key, such as one a host. Bounded: beyond the limit the circuit
 * that was used longest ago is forgotten, a closed one before any that refuses calls.
 */
export class KeyedBreakers {
  readonly #create: (key: string) => Breaker;
  readonly #breakers: LruMap<string, Breaker>;

  constructor(limit: number, create: (key: string) => Breaker) {
    this.#breakers = new LruMap(limit);
    this.#create = create;
  }

  /** The circuit of a key, made when it is first asked for. */
  get(key: string): Breaker {
    const existing = this.#breakers.get(key);
    if (existing) return existing;
    const breaker = this.#create(key);
    this.#breakers.set(key, breaker, ({ state }) => state === 'closed');
    return breaker;
  }

  values(): IterableIterator<Breaker> {
    return this.#breakers.values();
  }
}
