import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import type { ChargeList } from '@breakwater/contracts';
import { eventually } from '@breakwater/testing';
import { type FaultRequest, faultRequest } from './fault.ts';
import { startTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
afterEach(() => app.faults.clear());
after(() => app.stop());

const inject = (fields: Partial<FaultRequest>) =>
  app.faults.add(faultRequest.parse({ route: 'POST /charges', ...fields }));

function charge(reference: string, patience?: AbortController): Promise<Response> {
  return fetch(`${app.url}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': reference },
    body: JSON.stringify({ amount_cents: 500, currency: 'EUR', reference }),
    // A request that is held by mistake fails its test instead of holding it for ever.
    signal: AbortSignal.any([AbortSignal.timeout(10_000), ...(patience ? [patience.signal] : [])]),
  });
}

async function charged(reference: string): Promise<number> {
  const response = await fetch(`${app.url}/charges?reference=${reference}`);
  return ((await response.json()) as ChargeList).charges.length;
}

/** Waits until the first fault has struck a request. */
function struck(): Promise<void> {
  return eventually(async () => assert.equal(app.faults.list()[0]?.hits, 1));
}

for (const status of [429, 500, 502, 503, 504] as const) {
  test(`a status fault answers ${status} by the contract, and no work is done`, async () => {
    const fault = inject({ kind: 'status', status });
    const reference = randomUUID();
    const response = await charge(reference);
    assert.equal(response.status, status);
    assert.equal(response.headers.has('retry-after'), status !== 500);
    const error = (await response.json()) as { error_code: string; context: unknown };
    assert.equal(error.error_code, `INJECTED_FAULT_${status}`);
    assert.deepEqual(error.context, { fault_id: fault.id });
    assert.equal(await charged(reference), 0);
    assert.equal(app.faults.list()[0]?.hits, 1);
  });
}

test('a fault for another amount lets the charge through', async () => {
  inject({ kind: 'status', amount_cents: 700 });
  assert.equal((await charge(randomUUID())).status, 201);
  app.faults.clear();
  inject({ kind: 'status', amount_cents: 500 });
  assert.equal((await charge(randomUUID())).status, 503);
});

test('a latency fault makes the answer late by its milliseconds', async () => {
  inject({ kind: 'latency', latency_ms: 800 });
  let answered = false;
  const reference = randomUUID();
  const answer = charge(reference).then((response) => {
    answered = true;
    return response;
  });
  await struck();
  await app.clock.advance(799);
  assert.equal(await charged(reference), 0);
  assert.equal(answered, false);
  await app.clock.advance(1);
  assert.equal((await answer).status, 201);
});

test('a latency fault that is cleared lets its requests go at once', async () => {
  inject({ kind: 'latency', latency_ms: 60_000 });
  const answer = charge(randomUUID());
  await struck();
  app.faults.clear();
  assert.equal((await answer).status, 201);
});

test('the work goes on when the client gave up during a latency fault', async () => {
  inject({ kind: 'latency', latency_ms: 800 });
  const patience = new AbortController();
  const reference = randomUUID();
  const answer = charge(reference, patience).catch(() => 'gave up');
  await struck();
  patience.abort();
  assert.equal(await answer, 'gave up');
  assert.equal(await charged(reference), 0);
  await app.clock.advance(800);
  await eventually(async () => assert.equal(await charged(reference), 1));
});

for (const [when, expected] of [
  ['before', 0],
  ['after', 1],
] as const) {
  test(`an abort fault ${when} the work: no answer, ${expected} charge`, async () => {
    inject({ kind: 'abort', when });
    const reference = randomUUID();
    await assert.rejects(charge(reference), { message: 'fetch failed' });
    assert.equal(await charged(reference), expected);
    const line = app.lines.findLast(({ error_code }) => error_code !== undefined);
    assert.equal(line?.error_code, 'INJECTED_FAULT_503');
  });

  test(`a malformed fault ${when} the work: unreadable, ${expected} charge`, async () => {
    inject({ kind: 'malformed', when });
    const reference = randomUUID();
    const response = await charge(reference);
    assert.equal(response.status, when === 'before' ? 200 : 201);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const text = await response.text();
    assert.match(text, /^\{"id":"/);
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(await charged(reference), expected);
  });

  test(`a hang fault ${when} the work: silence until the client goes, ${expected} charge`, async () => {
    inject({ kind: 'hang', when });
    const patience = new AbortController();
    const reference = randomUUID();
    const answer = charge(reference, patience).catch(() => 'gave up');
    await struck();
    patience.abort();
    assert.equal(await answer, 'gave up');
    assert.equal(await charged(reference), expected);
    await eventually(async () => {
      const failed = app.lines.findLast(({ error_code }) => error_code !== undefined);
      assert.equal(failed?.error_code, 'REQUEST_CANCELLED');
    });
  });

  test(`a hang fault ${when} the work that expires lets the answer go`, async () => {
    inject({ kind: 'hang', when, for_s: 10 });
    const reference = randomUUID();
    const answer = charge(reference);
    await struck();
    await app.clock.advance(10_000);
    assert.equal((await answer).status, 201);
    assert.equal(await charged(reference), 1);
  });
}

test('faults combine: an error is late, whichever fault was set first', async () => {
  inject({ kind: 'status' });
  inject({ kind: 'latency', latency_ms: 500 });
  const answer = charge(randomUUID());
  await eventually(async () => assert.equal(app.faults.list()[1]?.hits, 1));
  assert.equal(app.faults.list()[0]?.hits, 0);
  await app.clock.advance(500);
  assert.equal((await answer).status, 503);
});

test('faults combine: an answer is late and then broken', async () => {
  inject({ kind: 'latency', latency_ms: 500 });
  inject({ kind: 'abort' });
  const reference = randomUUID();
  const answer = charge(reference).catch(() => 'broken');
  await struck();
  await app.clock.advance(500);
  assert.equal(await answer, 'broken');
  assert.equal(await charged(reference), 1);
});

test('a fault that is over has no effect', async () => {
  inject({ kind: 'status', for_s: 1 });
  await app.clock.advance(1_000);
  assert.equal((await charge(randomUUID())).status, 201);
});

test('every strike is one line in the log', async () => {
  const fault = inject({ kind: 'malformed' });
  await (await charge(randomUUID())).text();
  const lines = app.lines.filter(({ fault_id }) => fault_id === fault.id);
  assert.deepEqual(
    lines.map(({ level, message }) => `${level}: ${message}`),
    ['info: fault malformed strikes POST /charges after the work'],
  );
});
