/**
 * Orders at a steady rate, whatever becomes of those before.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../statistics.ts';

/** One of them, by the clock of `performance.now()`. */
export interface Order {
  readonly startedAt: number;
  readonly ms: number;
}

/** What came of the orders. */
export interface Placed {
  readonly orders: number;
  readonly each: readonly Order[];
  /** Responses that were not 201, in words. */
  readonly failed: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param rate orders a second */
export async function placeOrders(url: string, rate: number, seconds: number): Promise<Placed> {
  const each: Order[] = [];
  const failed: string[] = [];
  const place = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
    });
    const text = await response.text();
    each.push({ startedAt, ms: performance.now() - startedAt });
    if (response.status !== 201) failed.push(`${response.status} ${text}`);
  };
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  for (let i = 0; i < rate * seconds; i++) {
    const wait = startedAt + (i * 1_000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    underWay.push(place());
  }
  await Promise.all(underWay);
  const latencies = each.map(({ ms }) => ms);
  return {
    orders: latencies.length,
    each,
    failed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}
