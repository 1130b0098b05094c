/**
 * The faults that are active now. Each is a lease: it ends by itself.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Fault, FaultRequest, FaultyRoute } from './fault.ts';
import { type Random, seededRandom } from './random.ts';

/** One fault while it lasts. */
export class ActiveFault {
  readonly id = randomUUID();
  readonly #request: FaultRequest;
  readonly #expiresAt: number;
  readonly #random: Random;
  readonly #end = new AbortController();
  #requests = 0;
  #hits = 0;

  constructor(request: FaultRequest, now: number, random: Random) {
    this.#request = request;
    this.#expiresAt = now + request.for_s * 1_000;
    this.#random = request.seed === undefined ? random : seededRandom(request.seed);
  }

  get kind(): Fault['kind'] {
    return this.#request.kind;
  }

  get route(): FaultyRoute {
    return this.#request.route;
  }

  /** The status of a `status` fault. */
  get status(): FaultRequest['status'] {
    return this.#request.status;
  }

  /** The delay of a `latency` fault, in milliseconds. */
  get latencyMs(): number {
    return this.#request.latency_ms;
  }

  get when(): Fault['when'] {
    const { kind, when } = this.#request;
    return when ?? (kind === 'status' || kind === 'latency' ? 'before' : 'after');
  }

  /** Aborts when the fault has expired or was cleared: from then on it has no effect. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether it is about requests to this route, for this amount. */
  concerns(route: FaultyRoute, amountCents: number | undefined): boolean {
    const { route: wanted, amount_cents: amount } = this.#request;
    return route === wanted && (amount === undefined || amount === amountCents);
  }

  /** Counts a request it is about and decides whether the fault is to strike it. */
  draw(): boolean {
    this.#requests += 1;
    return this.#random() < this.#request.rate;
  }

  /** Counts a request that was struck. */
  hit(): void {
    this.#hits += 1;
  }

  end(): void {
    this.#end.abort();
  }

  describe(): Fault {
    const { kind, rate, seed, amount_cents } = this.#request;
    return {
      id: this.id,
      route: this.route,
      kind,
      when: this.when,
      ...(kind === 'status' ? { status: this.status } : {}),
      ...(kind === 'latency' ? { latency_ms: this.latencyMs } : {}),
      ...(amount_cents === undefined ? {} : { amount_cents }),
      rate,
      ...(seed === undefined ? {} : { seed }),
      expires_at: new Date(this.#expiresAt).toISOString(),
      requests: this.#requests,
      hits: this.#hits,
    };
  }
}

/** All active faults of the process. */
export class Faults {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #active = new Map<string, ActiveFault>();

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  add(request: FaultRequest): Fault {
    const fault = new ActiveFault(request, this.clock.now(), this.#random);
    this.#active.set(fault.id, fault);
    void this.clock.sleep(request.for_s * 1_000, fault.ended).then(() => this.remove(fault.id));
    return fault.describe();
  }

  list(): Fault[] {
    return [...this.#active.values()].map((fault) => fault.describe());
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

  /** The faults that are to strike one request to a route, for an amount where it has one. */
  draw(route: FaultyRoute, amountCents?: number): ActiveFault[] {
    return [...this.#active.values()].filter(
      (fault) => fault.concerns(route, amountCents) && fault.draw(),
    );
  }
}
