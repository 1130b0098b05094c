import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import { requester, startService } from '@breakwater/testing';

test('starts over an empty server, answers, and stops when asked', async (t) => {
  const postgres = await temporaryPostgres();
  t.after(() => postgres.stop());
  const DATABASE_URL = await postgres.database('orders');
  const orders = await startService('orders', { DATABASE_URL });
  assert.equal((await requester(orders.operationsUrl)('GET', '/readyz')).status, 200);

  const port = new URL(orders.url).port;
  await assert.rejects(
    startService('orders', { DATABASE_URL, PORT: port }),
    /orders ended \(1\) before it listened:\s+cannot start: orders cannot listen on 127.0.0.1:\d+: it is in use; set PORT to a free one/,
  );
  await orders.stop();
  assert.match(orders.lines.at(-1)?.message ?? '', /orders closed/);
});

test('says every variable that is wrong, at once and without what may be secret, and ends', async () => {
  await assert.rejects(startService('orders', {}), /cannot start: set DATABASE_URL/);
  const wrong = {
    DATABASE_URL: 'mysql://me:hunter2@localhost/x',
    PORT: '70000',
    MAX_IN_FLIGHT: '0x10',
    PROTECTIONS_OFF: 'users.braker',
    RECONCILE: 'perhaps',
    USERS_URL: 'users:8082',
  };
  await assert.rejects(startService('orders', wrong), ({ message }: Error) => {
    assert.match(message, /PORT=70000 is no integer from 0 to 65535/);
    assert.match(message, /MAX_IN_FLIGHT=0x10 is no integer of at least 1/);
    assert.match(message, /PROTECTIONS_OFF=users.braker is no name/);
    assert.match(message, /DATABASE_URL is not as postgres:/);
    assert.match(message, /USERS_URL is no http/);
    assert.match(message, /RECONCILE=perhaps is not on or off/);
    assert.doesNotMatch(message, /hunter2/);
    return true;
  });
});

test('an address that this machine does not have is told as such, not as a port in use', async () => {
  await assert.rejects(
    startService('notifications', { HOST: '192.0.2.1', CONTROL_TOKEN: 't' }),
    /cannot listen on 192.0.2.1:0: this machine has no such address; set HOST/,
  );
});
