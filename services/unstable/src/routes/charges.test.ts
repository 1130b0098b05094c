import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Charge, ChargeList } from '@breakwater/contracts';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import { eventually } from '@breakwater/testing';
import { ChargeRepository } from '../charge-repository.ts';
import { openLedger, startTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const order = { amount_cents: 500, currency: 'EUR', reference: 'order-1' };

function charge(key: string | undefined, body: unknown = order): Promise<Response> {
  return fetch(`${app.url}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
    body: JSON.stringify(body),
  });
}

async function ledger(reference: string): Promise<Charge[]> {
  const response = await fetch(`${app.url}/charges?reference=${reference}`);
  return ((await response.json()) as ChargeList).charges;
}

async function errorCode(response: Response): Promise<string> {
  return ((await response.json()) as { error_code: string }).error_code;
}

/** Locks the ledger: `share` holds writers back, `access exclusive` readers too. */
async function block(mode: 'share' | 'access exclusive') {
  const operator = await app.database.pool.connect();
  await operator.query(`begin; lock table charges in ${mode} mode`);
  const blocked = "from pg_stat_activity where wait_event_type = 'Lock'";
  return {
    // On other connections: a transaction keeps the first view of activity that it took.
    waiting: async () => (await app.database.pool.query(`select pid ${blocked}`)).rows,
    breakConnections: () => app.database.pool.query(`select pg_terminate_backend(pid) ${blocked}`),
    async release() {
      await operator.query('rollback');
      operator.release();
    },
  };
}

test('a charge is made once for a key; a repeat gets the same one', async () => {
  const first = await charge('key-1');
  assert.equal(first.status, 201);
  assert.equal(first.headers.get('idempotent-replay'), null);
  const repeat = await charge('key-1');
  assert.equal(repeat.status, 200);
  assert.equal(repeat.headers.get('idempotent-replay'), 'true');
  const made = (await first.json()) as Charge;
  assert.deepEqual(await repeat.json(), made);
  assert.deepEqual(await ledger('order-1'), [made]);
  const found = await fetch(`${app.url}/charges/key-1`);
  assert.deepEqual(await found.json(), made);
});

test('requests with one key at once make one charge', async () => {
  const body = { ...order, reference: 'order-race' };
  const inserts = await block('share');
  const racing = Array.from({ length: 5 }, () => charge('key-race', body));
  await eventually(async () => assert.equal((await inserts.waiting()).length, 5));
  await inserts.release();
  const answers = await Promise.all(racing);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 201]);
  const made = await Promise.all(answers.map((answer) => answer.json() as Promise<Charge>));
  assert.equal(new Set(made.map(({ id }) => id)).size, 1);
  assert.equal((await ledger('order-race')).length, 1);
});

test('a key with another body is refused', async () => {
  await charge('key-2', { ...order, reference: 'order-2' });
  for (const change of [{ amount_cents: 501 }, { currency: 'USD' }, { reference: 'order-9' }]) {
    const refused = await charge('key-2', { ...order, reference: 'order-2', ...change });
    assert.equal(refused.status, 409);
    assert.equal(await errorCode(refused), 'IDEMPOTENCY_KEY_REUSED');
  }
  assert.equal((await ledger('order-2')).length, 1);
});

test('a charge without a key is refused', async () => {
  const refused = await charge(undefined);
  assert.equal(refused.status, 400);
  assert.equal(await errorCode(refused), 'IDEMPOTENCY_KEY_MISSING');
});

test('a malformed key, an unknown field and a wrong amount are refused', async () => {
  assert.equal((await charge('no spaces')).status, 422);
  assert.equal((await charge('key-3', { ...order, tip: 1 })).status, 422);
  assert.equal((await charge('key-3', { ...order, amount_cents: 0 })).status, 422);
  assert.equal((await fetch(`${app.url}/charges/key-3`)).status, 404);
});

test('an amount of 666.00 is declined, and nothing is charged', async () => {
  const body = { ...order, amount_cents: 66_600, reference: 'order-declined' };
  const declined = await charge('key-declined', body);
  assert.equal(declined.status, 409);
  assert.equal(await errorCode(declined), 'CARD_DECLINED');
  assert.deepEqual(await ledger('order-declined'), []);
});

test('the ledger survives a restart', async () => {
  const postgres = await temporaryPostgres();
  const first = await openLedger(postgres.url);
  const made = await new ChargeRepository(first).insert('key', order);
  await first.close();
  const second = await openLedger(postgres.url);
  assert.deepEqual(await new ChargeRepository(second).findByKey('key'), made);
  await second.close();
  await postgres.stop();
});

for (const [mode, moment, outcome] of [
  ['access exclusive', 'before', '503 DATABASE_UNAVAILABLE'],
  // An error status would promise that nothing was charged, and nobody knows that.
  ['share', 'while', 'no answer'],
] as const) {
  test(`a database that breaks ${moment} a charge is written: ${outcome}`, async () => {
    const key = `key-broken-${moment}`;
    const body = { ...order, reference: key };
    const statements = await block(mode);
    const answer = charge(key, body).then(
      async (response) => `${response.status} ${await errorCode(response)}`,
      () => 'no answer',
    );
    await eventually(async () => assert.equal((await statements.waiting()).length, 1));
    await statements.breakConnections();
    await statements.release();
    assert.equal(await answer, outcome);
    assert.deepEqual(await ledger(key), []);
    const line = app.lines.findLast(({ error_code }) => error_code !== undefined);
    assert.equal(line?.['http.response.status_code'], 503);
    assert.equal((await charge(key, body)).status, 201);
  });
}

test('the OpenAPI document states the promise and the errors', async () => {
  const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as {
    info: { description: string };
    paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>;
  };
  assert.match(document.info.description, /error status means that no charge was made/);
  const responses = document.paths['/charges']?.post?.responses ?? {};
  assert.match(responses['409']?.description ?? '', /CARD_DECLINED/);
  assert.match(responses['400']?.description ?? '', /IDEMPOTENCY_KEY_MISSING/);
  assert.match(responses['502']?.description ?? '', /INJECTED_FAULT_502/);
});
