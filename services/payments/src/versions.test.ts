import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chargeRequest } from '@breakwater/contracts';
import { PaymentService as V1 } from '@breakwater/contracts/payments/v1';
import { PaymentService as V2 } from '@breakwater/contracts/payments/v2';
import { AppError } from '@breakwater/errors';
import { type PeerServer, servePeer } from '@breakwater/testing';
import { makeTestApp, type TestApp } from './test-app.ts';

let provider: PeerServer;
let payments: TestApp;
/** What the provider was asked to charge, by order. */
const charged = new Map<string, unknown>();

before(async () => {
  provider = await servePeer('provider');
  provider.app.post('/charges', async (c) => {
    const { reference, ...amount } = chargeRequest.parse(await c.req.json());
    charged.set(reference, [amount.amount_cents, amount.currency]);
    const made = { id: `charge-${reference}`, status: 'succeeded', reference, ...amount };
    return c.json({ ...made, created_at: new Date().toISOString() }, 201);
  });
  payments = await makeTestApp(provider.url);
});

after(async () => {
  await payments.stop();
  await provider.stop();
});

const PAID = [
  ['EUR', 1_250n, 1_250],
  ['JPY', 1_250n, 125_000],
  ['KWD', 1_250n, 125],
] as const;

for (const [currency, minorUnits, cents] of PAID) {
  test(`an amount in ${currency} is the same one in each version, over REST and gRPC`, async () => {
    const { request, client } = payments;
    const amount = { currency, minor_units: Number(minorUnits) };
    const message = { currencyCode: currency, minorUnits };
    const id = (by: string) => `${by}-${currency}`;

    const rest2 = await request('POST', '/v2/payments', {
      body: { order_id: id('rest2'), amount },
    });
    assert.equal(rest2.status, 201);
    assert.deepEqual(rest2.body.amount, amount);
    const rest1 = await request('POST', '/payments', {
      body: { order_id: id('rest1'), amount_cents: cents, currency },
    });
    assert.deepEqual([rest1.status, rest1.body.amount_cents], [201, cents]);
    await client.call(V2.method.takePayment, { orderId: id('grpc2'), amount: message });
    const asked = { orderId: id('grpc1'), amountCents: cents, currency };
    const grpc1 = await client.call(V1.method.takePayment, asked);
    assert.deepEqual([grpc1.created, grpc1.payment?.amountCents], [true, cents]);

    for (const by of ['rest2', 'rest1', 'grpc2', 'grpc1']) {
      assert.deepEqual(charged.get(id(by)), [Number(minorUnits), currency], by);
      const one = await request('GET', `/payments/${id(by)}`);
      assert.deepEqual([one.body.amount_cents, one.body.currency], [cents, currency]);
      assert.deepEqual((await request('GET', `/v2/payments/${id(by)}`)).body.amount, amount);
      const { payment } = await client.call(V2.method.getPayment, { orderId: id(by) });
      assert.equal(payment?.amount?.minorUnits, minorUnits);
    }
    const repeat = await client.call(V1.method.takePayment, asked);
    assert.equal(repeat.created, false);
  });
}

test('what version 1 cannot say it refuses, and leads to version 2', async () => {
  const { request, client } = payments;
  const half = { order_id: 'half-yen', amount_cents: 50, currency: 'JPY' };
  const asked = await request('POST', '/payments', { body: half });
  assert.deepEqual([asked.status, asked.body.error_code], [409, 'AMOUNT_NOT_REPRESENTABLE']);
  assert.equal(asked.body.context.use, 'v2');

  const amount = { currency: 'KWD', minor_units: 1_255 };
  const paid = await request('POST', '/v2/payments', { body: { order_id: 'fils', amount } });
  assert.equal(paid.status, 201);
  const read = await request('GET', '/payments/fils');
  assert.deepEqual([read.status, read.body.error_code], [409, 'AMOUNT_NOT_REPRESENTABLE']);
  const error = await client.call(V1.method.getPayment, { orderId: 'fils' }).catch((e) => e);
  assert.ok(error instanceof AppError);
  assert.equal(error.code, 'AMOUNT_NOT_REPRESENTABLE');
});

test('version 1 says when it ends, and who still asks for it is counted', async () => {
  const { request, client, registry } = payments;
  const old = await request('GET', '/payments/nothing', { headers: { 'user-agent': 'orders' } });
  assert.equal(old.headers.get('deprecation'), '@1795564800');
  assert.equal(old.headers.get('sunset'), 'Tue, 25 May 2027 00:00:00 GMT');
  assert.match(old.headers.get('link') ?? '', /<\/v2\/payments>; rel="successor-version"/);
  const now = await request('GET', '/v2/payments/nothing', { headers: { 'user-agent': 'orders' } });
  assert.equal(now.headers.get('deprecation'), null);
  const counted = async (version: string) => {
    const labels = `contract="payments",version="${version}",consumer="payments"`;
    const line = new RegExp(`^contract_requests_total\\{${labels}\\} (\\d+)`, 'm');
    return Number(line.exec(await registry.metrics())?.[1]);
  };
  // The client of these tests says that it is payments.
  const before = [await counted('v1'), await counted('v2')];
  await client.call(V1.method.getPayment, { orderId: 'nothing' }).catch(() => undefined);
  const after = [await counted('v1'), await counted('v2')];
  assert.deepEqual(after, [Number(before[0]) + 1, before[1]]);
});

test('a message that is not of the contract names its fields, as a body does', async () => {
  const error = await payments.client
    .call(V2.method.takePayment, { orderId: 'no id!', amount: { currencyCode: 'eur' } })
    .catch((e) => e);
  assert.equal(error.code, 'VALIDATION_ERROR');
  assert.deepEqual(
    error.context.fields.map(({ path }: { path: string }) => path),
    ['order_id', 'amount.currency', 'amount.minor_units'],
  );
});
