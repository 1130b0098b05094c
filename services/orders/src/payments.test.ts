import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { paymentRequest } from '@breakwater/contracts';
import { ConflictError, RouteNotFoundError } from '@breakwater/errors';
import { Resilience } from '@breakwater/resilience';
import { servePeer } from '@breakwater/testing';
import { paymentsOverRest } from './payments.ts';

const request = { order_id: 'o-1', amount: { currency: 'EUR', minor_units: 500 } };
const paid = {
  ...{ order_id: 'o-1', status: 'paid', charge_id: 'c-1' },
  created_at: '2026-11-20T12:00:00.000Z',
} as const;

async function setUp(t: TestContext) {
  const peer = await servePeer('payments');
  t.after(() => peer.stop());
  peer.app.notFound(() => {
    throw new RouteNotFoundError('No such route.');
  });
  const resilience = new Resilience({ metrics: false });
  const policy = { timeoutMs: 5_000 };
  return { peer, payments: paymentsOverRest({ baseUrl: peer.url, policy, resilience }) };
}

test('payments that knows version 1 alone is asked by that', async (t) => {
  const { peer, payments } = await setUp(t);
  peer.app.post('/payments', async (c) => {
    const { amount_cents, currency } = paymentRequest.parse(await c.req.json());
    return c.json({ ...paid, amount_cents, currency }, 201);
  });
  assert.deepEqual(await payments.pay(request), { ...paid, amount: request.amount });
  const unsayable = { ...request, amount: { currency: 'KWD', minor_units: 1_001 } };
  await assert.rejects(payments.pay(unsayable), RouteNotFoundError);
});

test('payments that knows version 2 is asked by that, whatever it says', async (t) => {
  const { peer, payments } = await setUp(t);
  let refuses = false;
  peer.app.post('/v2/payments', (c) => {
    if (refuses) throw new ConflictError('No.');
    return c.json({ ...paid, amount: request.amount }, 201);
  });
  peer.app.post('/payments', () => assert.fail('version 1 was asked'));
  assert.deepEqual(await payments.pay(request), { ...paid, amount: request.amount });
  refuses = true;
  await assert.rejects(payments.pay(request), ConflictError);
});
