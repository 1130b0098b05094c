/**
 * Every way in which the provider can fail, what payments makes of it, and what the ledger says.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import {
  eventually,
  type Requester,
  requester,
  type ServiceProcess,
  startService,
} from '@breakwater/testing';
import { makeTestApp, type TestApp } from './test-app.ts';

const authorization = 'Bearer test-control-token';

let postgres: TemporaryPostgres;
let unstable: ServiceProcess;
let provider: Requester;
let control: Requester;
let app: TestApp;

before(async () => {
  postgres = await temporaryPostgres();
  unstable = await startService('unstable', {
    DATABASE_URL: postgres.url,
    CONTROL_TOKEN: 'test-control-token',
  });
  provider = requester(unstable.url);
  control = requester(unstable.operationsUrl);
  app = await makeTestApp(unstable.url);
});
afterEach(() => clearFaults());
after(async () => {
  await app.stop();
  await unstable.stop();
  await postgres.stop();
});

async function inject(fault: Record<string, unknown>): Promise<void> {
  const body = { route: 'POST /charges', ...fault };
  const { status } = await control('PUT', '/faults', { headers: { authorization }, body });
  assert.equal(status, 200);
}

async function clearFaults(): Promise<void> {
  await control('DELETE', '/faults', { headers: { authorization } });
}

const pay = (orderId: string) =>
  app.request('POST', '/payments', {
    body: { order_id: orderId, amount_cents: 1_500, currency: 'EUR' },
  });
const record = async (orderId: string) => (await app.request('GET', `/payments/${orderId}`)).body;
const ledger = async (orderId: string): Promise<{ id: string }[]> =>
  (await provider('GET', `/charges?reference=${orderId}`)).body.charges;

const matrix = [
  // An error status: certainly not charged.
  [{ kind: 'status', status: 503 }, 503, 'PROVIDER_UNAVAILABLE', 0],
  [{ kind: 'status', status: 429 }, 503, 'PROVIDER_UNAVAILABLE', 0],
  [{ kind: 'status', status: 500 }, 502, 'PROVIDER_ERROR', 0],
  [{ kind: 'status', status: 502 }, 502, 'PROVIDER_ERROR', 0],
  [{ kind: 'status', status: 504 }, 502, 'PROVIDER_ERROR', 0],
  // No usable answer: charged or not, and payments cannot know.
  [{ kind: 'latency', latency_ms: 60_000 }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 0],
  [{ kind: 'latency', latency_ms: 60_000, when: 'after' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 1],
  [{ kind: 'hang', when: 'before' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 0],
  [{ kind: 'hang' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 1],
  [{ kind: 'abort', when: 'before' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 0],
  [{ kind: 'abort' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 1],
  [{ kind: 'malformed', when: 'before' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 0],
  [{ kind: 'malformed' }, 504, 'PAYMENT_OUTCOME_UNKNOWN', 1],
] as const;

for (const [fault, status, code, charges] of matrix) {
  test(`${JSON.stringify(fault)}: ${status} ${code}, ${charges} in the ledger, and 1 after a repeat`, async () => {
    const orderId = randomUUID();
    await inject(fault);
    const failed = await pay(orderId);
    assert.equal(failed.status, status);
    assert.equal(failed.body.error_code, code);
    assert.equal(failed.body.context.order_id, orderId);
    assert.equal(failed.body.context.dependency, 'provider');
    assert.ok(failed.headers.has('retry-after'));
    assert.equal((await ledger(orderId)).length, charges);
    const known = await record(orderId);
    assert.equal(known.status, status === 504 ? 'outcome_unknown' : 'not_charged');
    assert.equal(known.charge_id, null);

    await clearFaults();
    const repeat = await pay(orderId);
    assert.equal(repeat.status, 201);
    const [charge, ...more] = await ledger(orderId);
    assert.equal(repeat.body.charge_id, charge?.id);
    assert.deepEqual(more, []);
    assert.equal((await pay(orderId)).status, 200);
    assert.equal((await ledger(orderId)).length, 1);
  });
}

test('an answer that is slow but in time is an answer', async () => {
  const orderId = randomUUID();
  await inject({ kind: 'latency', latency_ms: 50 });
  assert.equal((await pay(orderId)).status, 201);
  assert.equal((await ledger(orderId)).length, 1);
});

test('a charge made after payments stopped waiting is found by the repeat', async () => {
  const orderId = randomUUID();
  await inject({ kind: 'latency', latency_ms: 60_000 });
  assert.equal((await pay(orderId)).status, 504);
  await clearFaults();
  await eventually(async () => assert.equal((await ledger(orderId)).length, 1));
  const repeat = await pay(orderId);
  assert.equal(repeat.status, 201);
  assert.deepEqual(
    (await ledger(orderId)).map(({ id }) => id),
    [repeat.body.charge_id],
  );
});

test('an error after an unknown outcome proves nothing: the first attempt may have charged', async () => {
  const orderId = randomUUID();
  await inject({ kind: 'abort' });
  assert.equal((await pay(orderId)).status, 504);
  await clearFaults();
  await inject({ kind: 'status', status: 503 });
  const repeat = await pay(orderId);
  assert.equal(repeat.status, 504);
  assert.equal(repeat.body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  assert.equal((await record(orderId)).status, 'outcome_unknown');
  await clearFaults();
  assert.equal((await pay(orderId)).status, 201);
  assert.equal((await ledger(orderId)).length, 1);
});

test('after certain failures only, a further one is certain too', async () => {
  const orderId = randomUUID();
  await inject({ kind: 'status', status: 503 });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const failed = await pay(orderId);
    assert.equal(failed.body.error_code, 'PROVIDER_UNAVAILABLE', `attempt ${attempt}`);
  }
  assert.equal((await record(orderId)).status, 'not_charged');
});

test('ten requests for one order at once charge it once', async () => {
  const orderId = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => pay(orderId)));
  assert.ok(answers.every(({ status }) => status === 201 || status === 200));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(new Set(answers.map(({ body }) => body.charge_id)).size, 1);
  assert.equal((await ledger(orderId)).length, 1);
});

test('a provider that fails by chance in every way never charges an order twice', async () => {
  const kinds = ['status', 'abort', 'malformed', 'hang', 'latency'];
  for (const [i, kind] of kinds.entries()) {
    await inject({ kind, rate: 0.25, seed: i + 1, latency_ms: 500 });
  }
  const orders = Array.from({ length: 30 }, () => randomUUID());
  const lies: string[] = [];
  await Promise.all(
    orders.map((orderId) =>
      eventually(async () => {
        const { status, body } = await pay(orderId);
        const charges = (await ledger(orderId)).length;
        const certain = ['PROVIDER_UNAVAILABLE', 'PROVIDER_ERROR'].includes(body.error_code);
        if (certain && charges > 0) lies.push(`${body.error_code} with ${charges} charges`);
        assert.ok(status === 200 || status === 201);
      }),
    ),
  );
  assert.deepEqual(lies, []);
  for (const orderId of orders) {
    const charges = await ledger(orderId);
    assert.equal(charges.length, 1);
    assert.equal((await record(orderId)).charge_id, charges[0]?.id);
  }
});
