import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import { requester, startService } from '@breakwater/testing';

test('starts over an empty server, answers, and stops when asked', async (t) => {
  const postgres = await temporaryPostgres();
  t.after(() => postgres.stop());
  const DATABASE_URL = new URL('/orders', postgres.url).href;
  const orders = await startService('orders', { DATABASE_URL });
  assert.equal((await requester(orders.url)('GET', '/readyz')).status, 200);

  const port = new URL(orders.url).port;
  await assert.rejects(
    startService('orders', { DATABASE_URL, PORT: port }),
    /orders ended \(1\) before it listened:\s+cannot start: orders cannot listen on 127.0.0.1:\d+: it is in use; set PORT to a free one/,
  );
  await orders.stop();
  assert.match(orders.lines.at(-1)?.message ?? '', /orders closed/);
});

test('says which variable is wrong, and ends', async () => {
  await assert.rejects(startService('orders', {}), /cannot start: set DATABASE_URL/);
  await assert.rejects(
    startService('orders', { DATABASE_URL: 'postgres://localhost/x', RECONCILE: 'perhaps' }),
    /cannot start: RECONCILE=perhaps is neither on nor off/,
  );
});
