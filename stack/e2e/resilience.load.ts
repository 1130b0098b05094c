import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allOrders, assertBooksBalance, assertSettled } from './books.ts';
import { pollUntil } from './poll.ts';
import { type LoadSummary, SteadyLoad, summarize } from './steady-load.ts';
import { setFault, TestStack } from './test-stack.ts';

/** How long the circuit of the provider stays open, as payments declares it. */
const OPEN_MS = 5_000;
/** Retries as a share of calls, as the budget's default has it. */
const BUDGET = 0.2;
/** What a latency may grow by beside its share: no more than a scheduler's turn or two. */
const LATENCY_FLOOR_MS = 10;
/** What a process may grow by while its peers hang. */
const MEMORY_GROWTH_MB = 96;

const SERVICES = ['GATEWAY', 'ORDERS', 'CATALOG', 'PAYMENTS', 'NOTIFICATIONS', 'UNSTABLE'];

const stack = new TestStack();
before(() => stack.up());
after(() => stack.down());

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 });

const placeOrder = () =>
  fetch(`${stack.url('GATEWAY_PORT')}/orders`, { method: 'POST', headers, body });
const getItem = () => fetch(`${stack.url('GATEWAY_PORT')}/items/item1`);
const listItems = () => fetch(`${stack.url('GATEWAY_PORT')}/items`);

const fail = (fault: object) => setFault(stack, { route: 'POST /charges', ...fault });
const heal = () => setFault(stack, undefined);

/** Requests that the only active fault has been asked about, struck or not. */
async function requestsDuringFault(): Promise<number> {
  const authorization = 'Bearer breakwater-dev';
  const response = await fetch(`${stack.url('UNSTABLE_OPERATIONS_PORT')}/faults`, {
    headers: { authorization },
  });
  const { faults } = (await response.json()) as { faults: { requests: number }[] };
  assert.equal(faults.length, 1);
  return faults[0]?.requests ?? Number.NaN;
}

/** Sum of the series of a service that begin so. */
async function metric(service: string, series: RegExp): Promise<number> {
  const text = await (await fetch(`${stack.url(`${service}_OPERATIONS_PORT`)}/metrics`)).text();
  const lines = text.split('\n').filter((line) => series.test(line));
  return lines.reduce(
    (sum, line) => sum + Number(/\} (\S+)|^\w+ (\S+)/.exec(line)?.slice(1).find(Boolean)),
    0,
  );
}

/**
 * Resident memory of each service, in MB. The kernel tells: a page of metrics takes a service some
 * milliseconds, and asking all of them at once shows in the p99 that is measured meanwhile.
 */
function memory(pids: Readonly<Record<string, number>>): Record<string, number> {
  const read = (service: string) => {
    const status = readFileSync(`/proc/${pids[service.toLowerCase()]}/status`, 'utf8');
    return [service, Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024)];
  };
  return Object.fromEntries(SERVICES.map(read));
}

/** Waits until orders are paid again; says how long that took, in milliseconds. */
async function recover(): Promise<number> {
  const from = Date.now();
  await pollUntil(4 * OPEN_MS, async () => assert.equal((await placeOrder()).status, 201));
  return Date.now() - from;
}

/** Orders alone, for a while. */
async function orderFor(ms: number, everyMs: number): Promise<LoadSummary> {
  const load = new SteadyLoad(everyMs, placeOrder);
  await sleep(ms);
  return summarize(await load.stop());
}

function assertUnchanged(now: LoadSummary, baseline: LoadSummary, what: string): void {
  assert.equal(now.failed, 0, `${now.failed} requests failed: ${what}`);
  assert.equal(now.degraded, 0, `${now.degraded} responses are degraded: ${what}`);
  const allowed = Math.max(1.5 * baseline.p99Ms, baseline.p99Ms + LATENCY_FLOOR_MS);
  assert.ok(now.p99Ms <= allowed, `p99 ${now.p99Ms} ms, allowed ${allowed} ms: ${what}`);
}

test('a provider that is down gets no more than its budget of retries beside the load', async () => {
  await orderFor(3_000, 100);
  await fail({ kind: 'status', status: 503 });
  const offered = await orderFor(8_000, 100);
  const asked = await requestsDuringFault();
  await heal();
  console.log(`storm: ${offered.requests} orders offered, ${asked} requests to the provider`);
  assert.ok(offered.failed > 0.9 * offered.requests);
  assert.ok(asked >= 10, 'the provider was asked until its circuit opened');
  assert.ok(asked <= (1 + BUDGET) * offered.requests);
  console.log(`storm: orders paid again after ${await recover()} ms`);
});

test('orders are paid as ever while notifications hangs', async () => {
  // More messages a second than ten that take a second each: they must find no place.
  const everyMs = 60;
  await orderFor(3_000, everyMs);
  const baseline = await orderFor(5_000, everyMs);
  await setFault(stack, { route: 'POST /deliveries', kind: 'hang' });
  const during = await orderFor(8_000, everyMs);
  await heal();
  const dropped = await metric(
    'ORDERS',
    /^resilience_rejections_total\{.*dependency="notifications".*reason="bulkhead_/,
  );
  console.log(`notifications: ${JSON.stringify({ baseline, during, dropped })}`);
  assert.ok(dropped > 0, 'its bulkhead was full');
  assertUnchanged(during, baseline, 'orders while notifications hangs');
});

test('a provider that hangs for a minute takes nothing else along', async () => {
  const start = () => ({
    orders: new SteadyLoad(100, placeOrder),
    item: new SteadyLoad(100, getItem),
    list: new SteadyLoad(100, listItems),
  });
  const stop = async (loads: ReturnType<typeof start>) => ({
    orders: summarize(await loads.orders.stop()),
    item: summarize(await loads.item.stop()),
    list: summarize(await loads.list.stop()),
  });
  const before = start();
  await sleep(20_000);
  const baseline = await stop(before);
  const pids = await stack.pids();
  const memoryBefore = memory(pids);

  const during = start();
  await fail({ kind: 'hang', for_s: 60 });
  const hangsUntil = Date.now() + 60_000;
  const peak = { ...memoryBefore };
  while (Date.now() < hangsUntil) {
    await sleep(Math.min(5_000, hangsUntil - Date.now()));
    for (const [service, mb] of Object.entries(memory(pids))) {
      peak[service] = Math.max(peak[service] ?? 0, mb);
    }
  }
  await pollUntil(3 * OPEN_MS, () => {
    const lately = during.orders.samples.slice(-20);
    assert.ok(lately.every(({ status, endedAt }) => status === 201 && endedAt > hangsUntil));
  });
  const last = during.orders.samples.findLast(({ status }) => status !== 201);
  const recoveredMs = Math.max(0, (last?.endedAt ?? 0) - hangsUntil);
  const hanging = await stop(during);

  const memoryMb = Object.fromEntries(
    SERVICES.map((service) => [service, `${memoryBefore[service]} -> ${peak[service]}`]),
  );
  console.log(`cascade: ${JSON.stringify({ baseline, hanging, memoryMb, recoveredMs }, null, 1)}`);
  assert.ok(hanging.orders.failed > 0.8 * hanging.orders.requests * (60 / 70), 'orders did fail');
  assertUnchanged(hanging.item, baseline.item, 'an item while the provider hangs');
  assertUnchanged(hanging.list, baseline.list, 'the list of items while the provider hangs');
  for (const service of SERVICES) {
    const growth = (peak[service] ?? 0) - (memoryBefore[service] ?? 0);
    assert.ok(growth <= MEMORY_GROWTH_MB, `${service} grew by ${growth} MB`);
  }
  assert.ok(recoveredMs <= 1.5 * OPEN_MS, `orders failed for ${recoveredMs} ms more`);
});

const FAULTS: readonly object[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429 },
  { kind: 'latency', latency_ms: 800 },
  { kind: 'latency', latency_ms: 5_000 },
  { kind: 'abort' },
  { kind: 'abort', when: 'before' },
  { kind: 'malformed' },
  { kind: 'malformed', when: 'before' },
  { kind: 'hang' },
  { kind: 'hang', when: 'before' },
];

test('no fault of the provider loses an order, charges twice or leaves stock behind', async () => {
  for (const fault of FAULTS) {
    await fail(fault);
    const answers = await Promise.all([placeOrder(), placeOrder(), placeOrder()]);
    await heal();
    const statuses = answers.map(({ status }) => status);
    console.log(`${JSON.stringify(fault)}: ${statuses}, paid again after ${await recover()} ms`);
  }
  await pollUntil(60_000, () => assertSettled(stack));
  await pollUntil(20_000, () => assertBooksBalance(stack));
  const orders = Object.groupBy(await allOrders(stack), ({ status }) => status);
  const counts = Object.entries(orders).map(([status, list]) => `${list?.length} ${status}`);
  console.log(`books: ${counts.join(', ')}; each paid one charged once, stock adds up`);
});
