/**
 * How orders end, as metrics.
 *
 * @module
 */
import { type OrderStatus, orderStatus } from '@breakwater/contracts';
import { countWithExemplar, registry } from '@breakwater/otel';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';

/** Who settled an order: the request that asked for it, or the reconciler. */
export type SettledBy = 'request' | 'reconciler';

/** Counts outcomes, and orders that wait for one. */
export class SettlementMetrics {
  readonly #settled: Counter;
  readonly #unsettled: Gauge;

  constructor(register: Registry = registry as Registry) {
    const registers = [register];
    this.#settled = new Counter({
      name: METRICS.settled,
      help: 'Orders brought to a status; an order that is tried again counts again.',
      labelNames: ['status', 'settled_by'],
      enableExemplars: true,
      registers,
    });
    for (const status of orderStatus.exclude(['pending']).options) {
      for (const by of ['request', 'reconciler']) {
        this.#settled.inc({ labels: { status, settled_by: by }, value: 0 });
      }
    }
    this.#unsettled = new Gauge({
      name: METRICS.unsettled,
      help: 'Orders with an open outcome or stock to release, at the last sweep.',
      registers,
    });
  }

  settled(status: OrderStatus, by: SettledBy): void {
    countWithExemplar(this.#settled, METRICS.settled, { status, settled_by: by });
  }

  unsettled(orders: number): void {
    this.#unsettled.set(orders);
  }
}
