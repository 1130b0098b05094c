/**
 * Orders at a steady rate, whatever becomes of those before.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../statistics.ts';

/** What came of the orders. */
export interface Placed {
  readonly orders: number;
  /** Responses that were not 201. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param rate orders a second */
export async function placeOrders(url: string, rate: number, seconds: number): Promise<Placed> {
  const latencies: number[] = [];
  let failed = 0;
  const place = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
    });
    await response.arrayBuffer();
    latencies.push(performance.now() - startedAt);
    if (response.status !== 201) failed++;
  };
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  for (let i = 0; i < rate * seconds; i++) {
    const wait = startedAt + (i * 1_000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    underWay.push(place());
  }
  await Promise.all(underWay);
  return {
    orders: latencies.length,
    failed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}
