/**
 * What the business refuses.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { control, expect, fault, fleet, noFaults, order, type Request, witness } from './scene.ts';

test('catalog', async () => {
  const reserve = (orderId: string, item: string, quantity = 1, attempt = 1) =>
    ({ body: { order_id: orderId, item_id: item, quantity, attempt } }) as const;
  const [get, post, path] = ['GET', 'POST', '/reservations'];
  const step = (text: string, request: [string, string, object?], status: number, code: string) =>
    expect(text, 'catalog', request, status, code);
  await step('GET /items?limit=1000', [get, '/items?limit=1000'], 400, 'LIMIT_TOO_LARGE');
  await step('an item nobody has', [get, '/items/none'], 404, 'ITEM_NOT_FOUND');
  const missing = 'RESERVATION_NOT_FOUND';
  await step('an order that reserved nothing', [get, `${path}/none`], 404, missing);
  const many = reserve('r-1', 'item2', 100);
  await step('100 swords, where there are 2', [post, path, many], 409, 'INSUFFICIENT_STOCK');
  await fleet.ask('catalog')(post, path, reserve('r-2', 'item1', 1));
  const other = reserve('r-2', 'item1', 2);
  await step('a second reservation of more', [post, path, other], 409, 'RESERVATION_MISMATCH');
  await fleet.ask('catalog')('DELETE', `${path}/r-3?attempt=1`);
  const late = reserve('r-3', 'item1');
  await step('a reservation after its release', [post, path, late], 409, 'RESERVATION_ABANDONED');
});

test('users, and users through the gateway', async () => {
  const user = (email: string) => ({ body: { email, name: 'Ann' } });
  const made = await fleet.ask('users')('POST', '/users', user('ann@example.org'));
  const [path, id] = ['/users', made.body.id];
  for (const [service, taken] of [
    ['users', 400],
    ['gateway', 409],
  ] as const) {
    const twice = user('Ann@example.org');
    const exists = 'EMAIL_ALREADY_EXISTS';
    await expect('an address that is taken', service, ['POST', path, twice], taken, exists);
    const bad = user('ann');
    await expect('no address', service, ['POST', path, bad], 400, 'INVALID_EMAIL_FORMAT');
    await expect('a user nobody is', service, ['GET', `${path}/none`], 404, 'USER_NOT_FOUND');
  }
  await fleet.ask('orders')('POST', '/orders', order('item1', id));
  const has = 'USER_HAS_ORDERS';
  await expect('deleting who has orders', 'users', ['DELETE', `${path}/${id}`], 409, has);
  const data = '/secure_data';
  const refused = 'AUTHENTICATION_REQUIRED';
  await expect('secure data without a token', 'gateway', ['GET', data], 401, refused);
});

test('orders, payments and the provider: what the business refuses', async () => {
  const [get, post] = ['GET', 'POST'];
  for (const service of ['gateway', 'orders']) {
    await expect('an order nobody made', service, [get, '/orders/none'], 404, 'ORDER_NOT_FOUND');
    const none = order('none');
    await expect('an order of nothing', service, [post, '/orders', none], 404, 'ITEM_NOT_FOUND');
    const many = order('item2', 'user-1', 100);
    const short = 'INSUFFICIENT_STOCK';
    await expect('an order of 100 swords', service, [post, '/orders', many], 409, short);
    const cursed = order('item3');
    const declined = 'PAYMENT_DECLINED';
    await expect('a card that is declined', service, [post, '/orders', cursed], 409, declined);
    const headers = { 'idempotency-key': `key-of-${service}` };
    await fleet.ask(service)(post, '/orders', { ...order('item1'), headers });
    const again = { ...order('item1', 'user-1', 2), headers };
    const reused = 'IDEMPOTENCY_KEY_REUSED';
    await expect('a key for something else', service, [post, '/orders', again], 409, reused);
  }
  for (const service of ['gateway', 'catalog']) {
    await expect('an item of nothing', service, [get, '/items/none'], 404, 'ITEM_NOT_FOUND');
  }
  for (const [service, path] of [
    ['gateway', '/items'],
    ['orders', '/orders'],
  ] as const) {
    await expect('limit=1000', service, [get, `${path}?limit=1000`], 400, 'LIMIT_TOO_LARGE');
  }
  const pay = (cents: number) =>
    ({ body: { order_id: 'p-1', amount_cents: cents, currency: 'EUR' } }) as const;
  await fleet.ask('payments')(post, '/payments', pay(500));
  const more = pay(600);
  const mismatch = 'PAYMENT_MISMATCH';
  await expect('paying another amount', 'payments', [post, '/payments', more], 409, mismatch);
  const half = { body: { order_id: 'p-2', amount_cents: 50, currency: 'JPY' } };
  const unsaid = 'AMOUNT_NOT_REPRESENTABLE';
  await expect('half a yen', 'payments', [post, '/payments', half], 409, unsaid);
  const gone = 'PAYMENT_NOT_FOUND';
  await expect('a payment nobody made', 'payments', [get, '/payments/none'], 404, gone);

  const charge = { body: { amount_cents: 500, currency: 'EUR', reference: 'ref-1' } };
  const missing = 'IDEMPOTENCY_KEY_MISSING';
  await expect('a charge without a key', 'unstable', [post, '/charges', charge], 400, missing);
  const headers = { 'idempotency-key': 'charge-1' };
  await fleet.ask('unstable')(post, '/charges', { ...charge, headers });
  const changed = { body: { ...charge.body, amount_cents: 600 }, headers };
  const reused = 'IDEMPOTENCY_KEY_REUSED';
  await expect('another charge by its key', 'unstable', [post, '/charges', changed], 409, reused);
  const noCharge = 'CHARGE_NOT_FOUND';
  await expect('a charge nobody made', 'unstable', [get, '/charges/none'], 404, noCharge);
  const noFault = 'FAULT_NOT_FOUND';
  const none = '/faults/none';
  const end: Request = ['DELETE', none, control];
  await expect('a fault nobody set', 'unstable', end, 404, noFault, 'operate');
  const renewal = { ...control, body: { for_s: 60 } };
  await expect('its lease', 'unstable', ['PUT', none, renewal], 404, noFault, 'operate');
  await witness.step('a service that fails in half of all calls', async () => {
    await eventually(async () => {
      assert.equal((await witness.ask('unstable', get, '/unstable')).status, 503);
    });
  });
  for (const status of [429, 500, 502, 503, 504]) {
    await fault({ route: 'POST /deliveries', kind: 'status', status });
    const message = { body: { to: 'a', subject: 'b', body: 'c' } };
    const code = `INJECTED_FAULT_${status}`;
    await expect(
      `PUT /faults of ${status}`,
      'unstable',
      [post, '/deliveries', message],
      status,
      code,
    );
    await noFaults();
  }
});
