/**
 * A steady trickle of requests that tells how the services feel to a client.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { pollUntil } from './poll.ts';
import type { TestStack } from './test-stack.ts';

/** How the requests of a probe went. */
export interface Probe {
  readonly requests: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const INTERVAL_MS = 50;

/** Sends a request every 50 ms for a while, browse and order in turn. */
export async function probe(stack: TestStack, ms: number): Promise<Probe> {
  const gateway = stack.url('GATEWAY_PORT');
  const latencies: number[] = [];
  let failed = 0;
  const until = Date.now() + ms;
  const pending: Promise<void>[] = [];
  for (let i = 0; Date.now() < until; i++) {
    pending.push(
      send(gateway, i).then(({ ok, tookMs }) => {
        latencies.push(tookMs);
        if (!ok) failed++;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
  await Promise.all(pending);
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round(latencies[Math.floor(q * (latencies.length - 1))] ?? 0);
  return { requests: latencies.length, failed, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Waits until circuits that a restart has opened are closed again. */
export async function untilHealthy(stack: TestStack): Promise<void> {
  await pollUntil(30_000, async () => {
    const { failed } = await probe(stack, 1_000);
    assert.equal(failed, 0);
  });
}

async function send(gateway: string, i: number): Promise<{ ok: boolean; tookMs: number }> {
  const startedAt = performance.now();
  const body = JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 });
  const headers = { 'content-type': 'application/json' };
  const request =
    i % 2 === 0
      ? fetch(`${gateway}/items`)
      : fetch(`${gateway}/orders`, { method: 'POST', headers, body });
  const ok = await request.then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
  return { ok, tookMs: performance.now() - startedAt };
}
