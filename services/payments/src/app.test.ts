import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { BusinessRuleError, defineKind } from '@breakwater/errors';
import { type PeerServer, servePeer } from '@breakwater/testing';
import { makeTestApp, type TestApp } from './test-app.ts';

const CARD_DECLINED = defineKind(BusinessRuleError.kind, {
  code: 'CARD_DECLINED',
  meaning: 'The card was declined.',
});

let peer: PeerServer;
let app: TestApp;
let asked = 0;

before(async () => {
  peer = await servePeer('provider');
  peer.app.post('/charges', async (c) => {
    asked += 1;
    const charge = await c.req.json();
    if (charge.amount_cents === 66_600) {
      throw new BusinessRuleError('The card was declined.', { kind: CARD_DECLINED });
    }
    const id = `ch_${c.req.header('idempotency-key')}`;
    return c.json({ ...charge, id, status: 'succeeded', created_at: new Date(0).toISOString() });
  });
  app = await makeTestApp(peer.url);
});
after(async () => {
  await app.stop();
  await peer.stop();
});

const pay = (orderId: string, changes: Record<string, unknown> = {}) =>
  app.request('POST', '/payments', {
    body: { order_id: orderId, amount_cents: 1_500, currency: 'EUR', ...changes },
  });
const find = (orderId: string) => app.request('GET', `/payments/${orderId}`);

test('an order is paid once; a repeat gets the same payment without asking the provider', async () => {
  const orderId = randomUUID();
  const first = await pay(orderId);
  assert.equal(first.status, 201);
  const { created_at, ...payment } = first.body;
  assert.equal(new Date(created_at).toISOString(), created_at);
  assert.deepEqual(payment, {
    order_id: orderId,
    status: 'paid',
    charge_id: `ch_${orderId}`,
    amount_cents: 1_500,
    currency: 'EUR',
  });
  asked = 0;
  const repeat = await pay(orderId);
  assert.equal(repeat.status, 200);
  assert.deepEqual(repeat.body, first.body);
  assert.equal(asked, 0);
  const { updated_at, ...found } = (await find(orderId)).body;
  assert.deepEqual(found, first.body);
  assert.ok(updated_at >= created_at);
});

test('a declined payment is final', async () => {
  const orderId = randomUUID();
  const declined = await pay(orderId, { amount_cents: 66_600 });
  assert.equal(declined.status, 409);
  assert.equal(declined.body.error_code, 'PAYMENT_DECLINED');
  assert.deepEqual(declined.body.context, { order_id: orderId });
  asked = 0;
  const repeat = await pay(orderId, { amount_cents: 66_600 });
  assert.equal(repeat.body.error_code, 'PAYMENT_DECLINED');
  assert.equal(asked, 0);
  assert.equal((await find(orderId)).body.status, 'declined');
});

test('an order cannot be paid for with another amount or currency', async () => {
  const orderId = randomUUID();
  await pay(orderId);
  for (const changes of [{ amount_cents: 1_501 }, { currency: 'USD' }]) {
    const refused = await pay(orderId, changes);
    assert.equal(refused.status, 409);
    assert.equal(refused.body.error_code, 'PAYMENT_MISMATCH');
  }
  assert.equal((await pay(orderId)).status, 200);
});

test('a provider that nothing listens for is unavailable, and the order not charged', async () => {
  const gone = await servePeer('provider');
  await gone.stop();
  const alone = await makeTestApp(gone.url);
  const body = { order_id: randomUUID(), amount_cents: 1_500, currency: 'EUR' };
  const failed = await alone.request('POST', '/payments', { body });
  assert.equal(failed.status, 503);
  assert.equal(failed.body.error_code, 'PROVIDER_UNAVAILABLE');
  const { body: known } = await alone.request('GET', `/payments/${body.order_id}`);
  assert.equal(known.status, 'not_charged');
  await alone.stop();
});

test('an unknown order has no payment', async () => {
  const { status, body } = await find('nobody');
  assert.equal(status, 404);
  assert.equal(body.error_code, 'PAYMENT_NOT_FOUND');
});

test('an invalid request is refused before the provider is asked', async () => {
  asked = 0;
  const refused = [
    { order_id: 'no spaces' },
    { amount_cents: 0.5 },
    { currency: 'eur' },
    { tip: 1 },
  ];
  for (const changes of refused) {
    assert.equal((await pay(randomUUID(), changes)).status, 422, JSON.stringify(changes));
  }
  assert.equal(asked, 0);
});

test('the OpenAPI document tells every error of a payment', async () => {
  const { body } = await app.request('GET', '/openapi.json');
  const responses = JSON.stringify(body.paths['/payments'].post.responses);
  for (const code of [
    'PAYMENT_DECLINED',
    'PAYMENT_MISMATCH',
    'PROVIDER_UNAVAILABLE',
    'PROVIDER_ERROR',
    'PAYMENT_OUTCOME_UNKNOWN',
  ]) {
    assert.ok(responses.includes(`\`${code}\``), code);
  }
});
