/**
 * What a failure proves when it is not the only attempt for its order.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { DependencyUnavailableError } from '@breakwater/errors';
import { type PeerServer, servePeer } from '@breakwater/testing';
import { makeTestApp, type TestApp } from './test-app.ts';

/** A request that has reached the provider and waits for the test to answer it. */
interface HeldRequest {
  succeed(): void;
  fail(): void;
}

let peer: PeerServer;
let app: TestApp;
const arrived: HeldRequest[] = [];
let announce = () => {};

before(async () => {
  peer = await servePeer('provider');
  peer.app.post('/charges', async (c) => {
    const charge = await c.req.json();
    await new Promise<void>((resolve, reject) => {
      arrived.push({
        succeed: resolve,
        fail: () => reject(new DependencyUnavailableError('bank')),
      });
      announce();
    });
    const id = `ch_${charge.reference}`;
    return c.json({ ...charge, id, status: 'succeeded', created_at: new Date(0).toISOString() });
  });
  app = await makeTestApp(peer.url);
});
after(async () => {
  await app.stop();
  await peer.stop();
});

/** Begins a payment and waits until the provider has its request. */
async function begin(orderId: string) {
  const arrival = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const answer = app.request('POST', '/payments', {
    body: { order_id: orderId, amount_cents: 1_500, currency: 'EUR' },
  });
  await arrival;
  return { answer, held: arrived.pop() as HeldRequest };
}
const statusOf = async (orderId: string) =>
  (await app.request('GET', `/payments/${orderId}`)).body.status;

test('a later attempt fails while an earlier one is under way', async () => {
  const orderId = randomUUID();
  const earlier = await begin(orderId);
  const later = await begin(orderId);
  later.held.fail();
  assert.equal((await later.answer).body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  earlier.held.succeed();
  assert.equal((await earlier.answer).status, 201);
  assert.equal(await statusOf(orderId), 'paid');
});

test('an earlier attempt fails while a later one is under way', async () => {
  const orderId = randomUUID();
  const earlier = await begin(orderId);
  const later = await begin(orderId);
  earlier.held.fail();
  assert.equal((await earlier.answer).body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  later.held.succeed();
  assert.equal((await later.answer).status, 201);
  assert.equal(await statusOf(orderId), 'paid');
});

test('both succeed: one payment', async () => {
  const orderId = randomUUID();
  const earlier = await begin(orderId);
  const later = await begin(orderId);
  later.held.succeed();
  assert.equal((await later.answer).status, 201);
  earlier.held.succeed();
  const answer = await earlier.answer;
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, (await later.answer).body);
});

test('an attempt fails alone, then another: the order is not charged', async () => {
  const orderId = randomUUID();
  for (const _ of [1, 2]) {
    const { answer, held } = await begin(orderId);
    held.fail();
    assert.equal((await answer).body.error_code, 'PROVIDER_UNAVAILABLE');
    assert.equal(await statusOf(orderId), 'not_charged');
  }
});

test('an attempt that a crash cut short is one whose outcome is unknown', async () => {
  const orderId = randomUUID();
  await app.database.pool.query(
    `insert into payments (order_id, status, amount_cents, currency)
     values ($1, 'outcome_unknown', 1500, 'EUR')`,
    [orderId],
  );
  const { answer, held } = await begin(orderId);
  held.fail();
  assert.equal((await answer).body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  assert.equal(await statusOf(orderId), 'outcome_unknown');
});
