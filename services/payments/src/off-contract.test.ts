/**
 * A provider that answers, but not as agreed.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  ConflictError,
  DeadlineExceededError,
  defineKind,
  NotFoundError,
  RequestCancelledError,
  ValidationError,
} from '@breakwater/errors';
import { type PeerServer, servePeer } from '@breakwater/testing';
import type { Context } from 'hono';
import { makeTestApp, type TestApp } from './test-app.ts';

let peer: PeerServer;
let app: TestApp;
/** What the provider answers the next request with. */
let answer: (c: Context) => Response | Promise<Response>;

before(async () => {
  peer = await servePeer('provider');
  peer.app.post('/charges', (c) => answer(c));
  app = await makeTestApp(peer.url);
});
after(async () => {
  await app.stop();
  await peer.stop();
});

const pay = (orderId: string = randomUUID()) =>
  app.request('POST', '/payments', {
    body: { order_id: orderId, amount_cents: 1_500, currency: 'EUR' },
  });

async function charge(c: Context, changes: Record<string, unknown> = {}): Promise<Response> {
  const { amount_cents, currency, reference } = await c.req.json();
  const created_at = new Date(0).toISOString();
  const made = { id: `ch_${reference}`, status: 'succeeded', created_at };
  return c.json({ ...made, amount_cents, currency, reference, ...changes }, 201);
}

const KEY_REUSED = defineKind(ConflictError.kind, {
  code: 'IDEMPOTENCY_KEY_REUSED',
  meaning: 'The key was used before.',
});

const unknown: Record<string, (c: Context) => Response | Promise<Response>> = {
  'an empty answer': (c) => c.body(null, 201),
  'an answer of another shape': (c) => c.json({ ok: true }, 201),
  'a charge that has not succeeded': (c) => charge(c, { status: 'pending' }),
  'a charge of another amount': (c) => charge(c, { amount_cents: 1 }),
  'a charge in another currency': (c) => charge(c, { currency: 'USD' }),
  'a charge for another order': (c) => charge(c, { reference: 'another' }),
  'an error page of something in between': (c) => c.html('<h1>Bad gateway</h1>', 502),
  'an error without a body': (c) => c.body(null, 503),
  'a redirect': (c) => c.redirect('/elsewhere', 307),
  'an endless answer': (c) => c.body(`"${'x'.repeat(2 * 1024 * 1024)}"`, 201),
  'its own deadline, while its handler goes on': () => {
    throw new DeadlineExceededError('The time for this request is used up.');
  },
  'a request it takes for cancelled': () => {
    throw new RequestCancelledError('The client closed the connection.');
  },
  'a conflict other than a declined card': () => {
    throw new ConflictError('The key was used before.', { kind: KEY_REUSED });
  },
};

for (const [name, handler] of Object.entries(unknown)) {
  test(`${name}: the outcome is unknown`, async () => {
    answer = handler;
    const { status, body } = await pay();
    assert.equal(status, 504);
    assert.equal(body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  });
}

const refused: Record<string, () => Response> = {
  'a provider that finds the request invalid': () => {
    throw new ValidationError('The request does not match its schema.');
  },
  'a provider that does not know the operation': () => {
    throw new NotFoundError('route', '/charges');
  },
};

for (const [name, handler] of Object.entries(refused)) {
  test(`${name}: certainly not charged, and not the fault of the caller`, async () => {
    answer = handler;
    const { status, body } = await pay();
    assert.equal(status, 502);
    assert.equal(body.error_code, 'PROVIDER_ERROR');
  });
}

test('the provider gets the order as key and reference', async () => {
  const orderId = randomUUID();
  let key: string | undefined;
  answer = (c) => {
    key = c.req.header('idempotency-key');
    return charge(c);
  };
  const { status, body } = await pay(orderId);
  assert.equal(status, 201);
  assert.equal(key, orderId);
  assert.equal(body.charge_id, `ch_${orderId}`);
});

test('the words of the provider stay in the log', async () => {
  answer = () => {
    throw new ValidationError('secret-detail');
  };
  const refused = await pay();
  assert.equal(refused.status, 502);
  assert.match(JSON.stringify(app.lines.at(-1)), /secret-detail/);
  answer = (c) => c.text('secret-detail', 201);
  const unreadable = await pay();
  assert.equal(unreadable.status, 504);
  assert.match(JSON.stringify(app.lines.at(-1)), /secret-d/);
  assert.doesNotMatch(JSON.stringify([refused.body, unreadable.body]), /secret/);
});

test('a charge that cannot be recorded is an unknown outcome, and found by the repeat', async () => {
  const orderId = randomUUID();
  answer = async (c) => {
    await app.database.pool.query('alter table payments rename to payments_gone');
    return charge(c);
  };
  const failed = await pay(orderId);
  await app.database.pool.query('alter table payments_gone rename to payments');
  assert.equal(failed.status, 504);
  assert.equal(failed.body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
  answer = (c) => charge(c);
  assert.equal((await pay(orderId)).status, 201);
});

test('a failure that cannot be recorded is an unknown outcome', async () => {
  answer = async () => {
    await app.database.pool.query('alter table payments rename to payments_gone');
    throw new NotFoundError('route', '/charges');
  };
  const failed = await pay();
  await app.database.pool.query('alter table payments_gone rename to payments');
  assert.equal(failed.body.error_code, 'PAYMENT_OUTCOME_UNKNOWN');
});
