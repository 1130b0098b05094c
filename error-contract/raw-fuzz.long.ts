/**
 * The gateway as it runs, under tens of thousands of requests of which most are none. Its peers are
 * away: nothing that is asked of them may look like a bug of its own.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ServiceProcess, startService } from '@breakwater/testing';
import type { Operation } from './raw-fuzz/case.ts';
import { fuzz } from './raw-fuzz/run.ts';

/** The first of the seeds; `FUZZ_SEED` repeats a run. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const SEEDS = Array.from({ length: 4 }, (_, i) => SEED + i);
const CONNECTIONS = Number(process.env.FUZZ_CONNECTIONS ?? 3_000);

const JSON_BODY = ['Content-Type: application/json'];
const order = (body: string, status: number, headers = JSON_BODY): Operation => ({
  method: 'POST',
  target: '/orders',
  ...{ body, headers, status },
});
const ORDER = '{"user_id":"u","item_id":"item1","quantity":1}';

const OPERATIONS: readonly Operation[] = [
  { method: 'GET', target: '/breaker-status', status: 200 },
  { method: 'HEAD', target: '/breaker-status', status: 200 },
  { method: 'GET', target: '/items', status: 503 },
  { method: 'GET', target: '/items?limit=0x10', status: 422 },
  { method: 'GET', target: '/items/%00', status: 422 },
  { method: 'GET', target: '/orders/none', status: 503 },
  // By the name fuzz.test the gateway knows no operation that a token opens.
  { method: 'GET', target: '/secure_data', status: 403 },
  { method: 'GET', target: '/nowhere', status: 404 },
  { method: 'GET', target: '/metrics', status: 404 },
  { method: 'DELETE', target: '/items', status: 405 },
  order(ORDER, 503),
  order('{"user_id":"u","item_id":"item1","quantity":"1"}', 422),
  order('{"user_id":"\\ud800","item_id":"item1","quantity":1}', 422),
  order(ORDER, 415, ['Content-Type: text/plain']),
  order(ORDER, 415, [...JSON_BODY, 'Content-Encoding: gzip']),
];

let gateway: ServiceProcess;
before(async () => {
  const nowhere = 'http://127.0.0.1:9';
  gateway = await startService('gateway', {
    CATALOG_URL: nowhere,
    ORDERS_URL: nowhere,
    USERS_URL: nowhere,
    UNSTABLE_URL: nowhere,
    RATE_LIMIT_PER_MINUTE: '0',
  });
});
after(() => gateway.stop());

test(`tens of thousands of requests, from the seeds ${SEEDS}`, async () => {
  const target = {
    port: Number(new URL(gateway.url).port),
    operations: OPERATIONS,
    lines: () => gateway.lines,
    metrics: async () => (await fetch(`${gateway.operationsUrl}/metrics`)).text(),
    mayFail: (status: number) => status === 503,
  };
  const { findings, responses } = await fuzz(target, { seeds: SEEDS, connections: CONNECTIONS });
  console.log(`${responses} responses over ${SEEDS.length * CONNECTIONS} connections`);
  assert.deepEqual(findings, [], findings.slice(0, 10).join('\n'));
  assert.ok(responses > 1.7 * SEEDS.length * CONNECTIONS, `${responses} responses`);
  const bugs = gateway.lines.filter(({ error_code }) => error_code === 'INTERNAL_ERROR');
  assert.deepEqual(bugs, []);
});
