import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ConflictError, DependencyUnavailableError } from '@breakwater/errors';
import { deliveryOf } from './delivery.ts';
import { networkError } from './network-error.ts';
import { testResilience } from './testing/index.ts';

const failure = (work: () => Promise<unknown>) =>
  testResilience()
    .resilience.dependency('peer', { retry: false })
    .execute(work)
    .then(
      () => assert.fail('it was answered'),
      (error: unknown) => error,
    );

test('a connection that is refused, or breaks, is the dependency’s: 503, and whether it was sent', async (t) => {
  const server = createServer((request) => void request.socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const broken = await failure(() => fetch(url));
  server.close();
  t.after(() => server.close());
  await once(server, 'close');
  const refused = await failure(() => fetch(url));
  for (const [error, delivery] of [
    [broken, 'unknown'],
    [refused, 'not_sent'],
  ] as const) {
    assert.ok(error instanceof DependencyUnavailableError, String(error));
    assert.equal(error.context.dependency, 'peer');
    assert.equal(deliveryOf(error), delivery);
    assert.match(String(error.cause), /fetch failed/);
  }
});

test('a bug, and an error of the contract, stay what they are', async () => {
  const bug = new TypeError('x is undefined');
  assert.equal(await failure(() => Promise.reject(bug)), bug);
  const conflict = new ConflictError('taken', {
    cause: Object.assign(new Error('below'), { code: 'ECONNRESET' }),
  });
  assert.equal(await failure(() => Promise.reject(conflict)), conflict);
  assert.equal(networkError('peer', 'a text'), undefined);
});
