/**
 * One request for every operation of every service, in an order in which each finds what it asks
 * for.
 *
 * @module
 */
import { setTimeout } from 'node:timers/promises';
import type { Answer } from '@breakwater/testing';
import { type Fleet, TOKEN } from '../error-contract/fleet.ts';
import type { RestGolden } from './golden.ts';

type Options = { readonly body?: object; readonly headers?: Record<string, string> };

/** How often an operation that fails by chance is asked. */
const TRIES = 30;

/**
 * Sends them and returns each with its response, by service.
 *
 * @throws {Error} when one fails
 */
export async function playScenario(
  fleet: Pick<Fleet, 'ask'>,
): Promise<Record<string, RestGolden[]>> {
  const golden: Record<string, RestGolden[]> = {};
  const play = async (
    service: string,
    operation: string,
    path: string,
    { body, headers = {} }: Options = {},
  ): Promise<Answer['body']> => {
    const [method = ''] = operation.split(' ');
    let response: Answer;
    let tries = 0;
    do {
      response = await fleet.ask(service)(method, path, { headers, ...(body ? { body } : {}) });
      tries += 1;
      // A circuit that chance has opened says when to come back.
      const open = response.body?.error_code === 'CIRCUIT_OPEN';
      if (open) await setTimeout(1_000 * Number(response.headers.get('retry-after')));
    } while (response.status >= 500 && tries < TRIES);
    if (response.status >= 400) {
      const said = JSON.stringify(response.body);
      throw new Error(`${service}: ${method} ${path}: ${response.status} ${said}`);
    }
    const request = { path, headers, ...(body ? { body } : {}) };
    const { status } = response;
    const sent = response.body === undefined ? {} : { body: response.body };
    golden[service] = [
      ...(golden[service] ?? []),
      { operation, request, response: { status, ...sent } },
    ];
    return response.body;
  };

  await playStock(play);
  await playAccounts(play);
  const order = { user_id: 'user-1', item_id: 'item1', quantity: 1 };
  const key = { 'idempotency-key': 'golden-1', prefer: 'respond-async' };
  for (const service of ['orders', 'gateway']) {
    const headers = { ...key, 'idempotency-key': `golden-${service}` };
    const placed = await play(service, 'POST /orders', '/orders', { body: order, headers });
    await play(service, 'GET /orders/{id}', `/orders/${placed.id}`);
  }
  await play('orders', 'GET /orders', '/orders?status=paid&user_id=user-1&limit=5&offset=0');
  const payment = { order_id: 'golden-1', amount_cents: 500, currency: 'EUR' };
  await play('payments', 'POST /payments', '/payments', { body: payment });
  await play('payments', 'GET /payments/{order_id}', '/payments/golden-1');
  const amount = { currency: 'EUR', minor_units: 500 };
  const exact = { order_id: 'golden-2', amount };
  await play('payments', 'POST /v2/payments', '/v2/payments', { body: exact });
  await play('payments', 'GET /v2/payments/{order_id}', '/v2/payments/golden-2');
  const told = { order_id: 'golden-1', user_id: 'user-1', kind: 'order_paid' };
  await play('notifications', 'POST /notifications', '/notifications', { body: told });
  await playOutside(play);
  return golden;
}

type Play = (
  service: string,
  operation: string,
  path: string,
  options?: Options,
) => Promise<Answer['body']>;

async function playStock(play: Play): Promise<void> {
  for (const service of ['catalog', 'gateway']) {
    await play(service, 'GET /items', '/items?limit=2&offset=0');
    await play(service, 'GET /items/{id}', '/items/item1');
  }
  const body = { order_id: 'golden-1', item_id: 'item1', quantity: 1, attempt: 1 };
  await play('catalog', 'POST /reservations', '/reservations', { body });
  await play('catalog', 'GET /reservations/{order_id}', '/reservations/golden-1');
  const release = '/reservations/golden-1?attempt=1';
  await play('catalog', 'DELETE /reservations/{order_id}', release);
}

async function playAccounts(play: Play): Promise<void> {
  for (const service of ['users', 'gateway']) {
    const body = { email: `golden@${service}.example`, name: 'Ann' };
    const { id } = await play(service, 'POST /users', '/users', { body });
    await play(service, 'GET /users/{id}', `/users/${id}`);
    if (service === 'gateway') continue;
    await play(service, 'PATCH /users/{id}', `/users/${id}`, { body: { name: 'Bob' } });
    await play(service, 'DELETE /users/{id}', `/users/${id}`);
  }
}

async function playOutside(play: Play): Promise<void> {
  const charge = { amount_cents: 500, currency: 'EUR', reference: 'golden-2' };
  const headers = { 'idempotency-key': 'golden-2' };
  await play('unstable', 'POST /charges', '/charges', { body: charge, headers });
  await play('unstable', 'GET /charges', '/charges?reference=golden-2');
  await play('unstable', 'GET /charges/{key}', '/charges/golden-2');
  const delivery = { to: 'ann@users.example', subject: 'Paid', body: 'Your order is paid.' };
  await play('unstable', 'POST /deliveries', '/deliveries', { body: delivery });
  for (const path of ['/fake_service', '/unstable']) await play('unstable', `GET ${path}`, path);
  for (const path of ['/call-service', '/call-external', '/breaker-status']) {
    await play('gateway', `GET ${path}`, path);
  }
  const token = { 'x-token': TOKEN };
  await play('gateway', 'GET /secure_data', '/secure_data', { headers: token });
}
