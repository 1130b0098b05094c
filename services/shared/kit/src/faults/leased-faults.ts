/**
 * Faults that end by themselves, whatever has become of who asked for them.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Random, seededRandom } from '@breakwater/resilience';
import type { Clock } from './clock.ts';

/** What every request for a fault says. */
export interface FaultTerms {
  /** Share of requests that are struck, 0 to 1. */
  readonly rate: number;
  /** Makes the sequence of hits repeatable. */
  readonly seed?: number | undefined;
  /** Seconds until it ends by itself. */
  readonly for_s: number;
}

/** One fault while it lasts. */
export class LeasedFault<R extends FaultTerms> {
  readonly id = randomUUID();
  readonly request: R;
  readonly #random: Random;
  readonly #end = new AbortController();
  #expiresAt: number;
  #requests = 0;
  #hits = 0;

  constructor(request: R, now: number, random: Random) {
    this.request = request;
    this.#expiresAt = now + request.for_s * 1_000;
    this.#random = request.seed === undefined ? random : seededRandom(request.seed);
  }

  /** When it ends by itself, milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** Aborts when the fault has expired or was ended: from then on it has no effect. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Counts a request it is about and decides whether the fault is to strike it. */
  draw(): boolean {
    this.#requests += 1;
    return this.#random() < this.request.rate;
  }

  /** Counts a request that was struck. */
  hit(): void {
    this.#hits += 1;
  }

  /** Starts the lease anew: it ends `forS` seconds after `now`. */
  renew(now: number, forS: number): void {
    this.#expiresAt = now + forS * 1_000;
  }

  end(): void {
    this.#end.abort();
  }

  /** What every holder of faults tells of each. */
  describeLease() {
    return {
      rate: this.request.rate,
      ...(this.request.seed === undefined ? {} : { seed: this.request.seed }),
      expires_at: new Date(this.#expiresAt).toISOString(),
      requests: this.#requests,
      hits: this.#hits,
    };
  }
}

/** All active faults of the process. */
export class LeasedFaults<R extends FaultTerms, F extends LeasedFault<R>> {
  readonly clock: Clock;
  readonly #make: (request: R, now: number) => F;
  readonly #active = new Map<string, F>();

  /** @param make makes a fault that begins now, milliseconds since the epoch */
  constructor(clock: Clock, make: (request: R, now: number) => F) {
    this.clock = clock;
    this.#make = make;
  }

  /** The active faults, oldest first. */
  get active(): F[] {
    return [...this.#active.values()];
  }

  start(request: R): F {
    const fault = this.#make(request, this.clock.now());
    this.#active.set(fault.id, fault);
    void this.#endInTime(fault);
    return fault;
  }

  /** Starts the lease of a fault anew; undefined when there is none with this id. */
  renewLease(id: string, forS: number): F | undefined {
    const fault = this.#active.get(id);
    fault?.renew(this.clock.now(), forS);
    return fault;
  }

  /** Ends one fault; false when there is none with this id. */
  remove(id: string): boolean {
    this.#active.get(id)?.end();
    return this.#active.delete(id);
  }

  /** Ends all faults; requests that they hold go on. */
  clear(): void {
    for (const id of this.#active.keys()) this.remove(id);
  }

  /** A lease that was renewed meanwhile is slept on. */
  async #endInTime(fault: F): Promise<void> {
    for (;;) {
      const leftMs = fault.expiresAt - this.clock.now();
      if (leftMs <= 0 || fault.ended.aborted) break;
      await this.clock.sleep(leftMs, fault.ended);
    }
    this.remove(fault.id);
  }
}
