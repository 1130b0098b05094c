/**
 * What the failure of a call proves when the provider was asked twice within it.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  AuthenticationError,
  BusinessRuleError,
  defineKind,
  InternalError,
  RateLimitError,
} from '@breakwater/errors';
import { type PeerServer, servePeer } from '@breakwater/testing';
import type { Context } from 'hono';
import { PROVIDER_POLICY } from './peers.ts';
import { makeTestApp, type TestApp } from './test-app.ts';

type Answer = (c: Context) => Response | Promise<Response>;

const CARD_DECLINED = defineKind(BusinessRuleError.kind, {
  code: 'CARD_DECLINED',
  meaning: 'The card was declined.',
});

const throwing = (error: Error): Answer => {
  return () => {
    throw error;
  };
};
/** Without `Retry-After`, which would be waited for. */
const unavailable: Answer = (c) =>
  c.json({ type: '/docs#MAINTENANCE', title: 'Maintenance', error_code: 'MAINTENANCE' }, 503);
const declined = throwing(new BusinessRuleError('Declined.', { kind: CARD_DECLINED }));

/** Answers that say nothing about the charge. */
const unclear: Record<string, Answer> = {
  silence: () => new Promise<Response>(() => {}),
  'a truncated answer': (c) => c.body('{"id":"', 201),
  'an error page': (c) => c.html('<h1>Bad gateway</h1>', 502),
};

/** Answers that say that their request made no charge. */
const clear: Record<string, Answer> = {
  unavailable,
  'a bug': throwing(new InternalError(new Error('bug'))),
  'too many requests': throwing(new RateLimitError('Too many.')),
  'wrong credentials': throwing(new AuthenticationError()),
};

let peer: PeerServer;
let app: TestApp;
let answers: Answer[] = [];

before(async () => {
  peer = await servePeer('provider');
  peer.app.post('/charges', (c) => (answers.shift() as Answer)(c));
  app = await makeTestApp(peer.url, {
    ...PROVIDER_POLICY,
    timeoutMs: 300,
    retry: { attempts: 2, backoff: { initialMs: 1, maxMs: 1 }, budget: false },
    breaker: false,
  });
});
after(async () => {
  await app.stop();
  await peer.stop();
});

async function pay(...script: Answer[]): Promise<{ status: number; code: string }> {
  answers = [...script];
  const { status, body } = await app.request('POST', '/payments', {
    body: { order_id: randomUUID(), amount_cents: 1_500, currency: 'EUR' },
  });
  assert.equal(answers.length, 0, 'the provider was asked twice');
  return { status, code: body.error_code };
}

const UNKNOWN = { status: 504, code: 'PAYMENT_OUTCOME_UNKNOWN' };

for (const [first, early] of Object.entries(unclear)) {
  for (const [second, late] of Object.entries(clear)) {
    test(`${first}, then ${second}: the first attempt may have charged`, async () => {
      assert.deepEqual(await pay(early, late), UNKNOWN);
    });
  }

  test(`${first}, then declined: settled`, async () => {
    assert.deepEqual(await pay(early, declined), { status: 409, code: 'PAYMENT_DECLINED' });
  });

  test(`unavailable, then ${first}: the second attempt may have charged`, async () => {
    assert.deepEqual(await pay(unavailable, early), UNKNOWN);
  });
}

test('unavailable twice: certainly not charged', async () => {
  const expected = { status: 503, code: 'PROVIDER_UNAVAILABLE' };
  assert.deepEqual(await pay(unavailable, unavailable), expected);
});
