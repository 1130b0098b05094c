/**
 * The faults that are active now. Each is a lease: it ends by itself.
 *
 * @module
 */
import { type Clock, LeasedFault, LeasedFaults } from '@breakwater/kit';
import type { Random } from '@breakwater/resilience';
import type { Fault, FaultRequest, FaultyRoute } from './fault.ts';

/** One fault while it lasts. */
export class ActiveFault extends LeasedFault<FaultRequest> {
  get kind(): Fault['kind'] {
    return this.request.kind;
  }

  get route(): FaultyRoute {
    return this.request.route;
  }

  /** The status of a `status` fault. */
  get status(): FaultRequest['status'] {
    return this.request.status;
  }

  /** The delay of a `latency` fault, in milliseconds. */
  get latencyMs(): number {
    return this.request.latency_ms;
  }

  get when(): Fault['when'] {
    const { kind, when } = this.request;
    return when ?? (kind === 'status' || kind === 'latency' ? 'before' : 'after');
  }

  /** Whether it is about requests to this route, for this amount. */
  concerns(route: FaultyRoute, amountCents: number | undefined): boolean {
    const { route: wanted, amount_cents: amount } = this.request;
    return route === wanted && (amount === undefined || amount === amountCents);
  }

  describe(): Fault {
    const { kind, amount_cents } = this.request;
    return {
      id: this.id,
      route: this.route,
      kind,
      when: this.when,
      ...(kind === 'status' ? { status: this.status } : {}),
      ...(kind === 'latency' ? { latency_ms: this.latencyMs } : {}),
      ...(amount_cents === undefined ? {} : { amount_cents }),
      ...this.describeLease(),
    };
  }
}

/** All active faults of the process. */
export class Faults extends LeasedFaults<FaultRequest, ActiveFault> {
  constructor(clock: Clock, random: Random) {
    super(clock, (request, now) => new ActiveFault(request, now, random));
  }

  add(request: FaultRequest): Fault {
    return this.start(request).describe();
  }

  /** Starts the lease of a fault anew; undefined when there is none with this id. */
  renew(id: string, forS: number): Fault | undefined {
    return this.renewLease(id, forS)?.describe();
  }

  list(): Fault[] {
    return this.active.map((fault) => fault.describe());
  }

  /** The faults that are to strike one request to a route, for an amount where it has one. */
  draw(route: FaultyRoute, amountCents?: number): ActiveFault[] {
    return this.active.filter((fault) => fault.concerns(route, amountCents) && fault.draw());
  }
}
