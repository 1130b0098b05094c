import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireBearer, requireToken, secretsEqual } from './control.ts';
import { testService } from './test-service.ts';

const { service, request } = testService();
service.app.put('/control', requireBearer('right'), (c) => c.json({ done: true }));
service.app.get('/vault', requireToken('X-Token', 'right', 'vault'), (c) => c.json({ gold: 1 }));

const ask = (headers?: Record<string, string>) =>
  request('PUT', '/control', headers ? { headers } : {});

test('a control endpoint wants its token, and says how to bring it', async () => {
  assert.equal((await ask({ authorization: 'Bearer right' })).status, 200);
  assert.equal((await ask({ authorization: 'bearer right' })).status, 200);
  for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic right', 'right']) {
    const { status, headers, body } = await ask({ authorization });
    assert.deepEqual([status, body.error_code], [401, 'AUTHENTICATION_REQUIRED'], authorization);
    assert.equal(headers.get('www-authenticate'), 'Bearer realm="control"');
  }
  assert.equal((await ask()).status, 401);
});

test('a token in a header of its own is told in a challenge of its own', async () => {
  assert.deepEqual((await request('GET', '/vault', { headers: { 'x-token': 'right' } })).body, {
    gold: 1,
  });
  for (const headers of [{}, { 'x-token': '' }, { 'x-token': 'wrong' }]) {
    const answer = await request('GET', '/vault', { headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'X-Token realm="vault"');
    assert.doesNotMatch(JSON.stringify(answer.body), /right|wrong/);
  }
});

test('secrets are equal only when they are', () => {
  assert.ok(secretsEqual('same', 'same'));
  for (const [a, b] of [
    ['same', 'samE'],
    ['same', 'same '],
    ['', 'same'],
    ['same', ''],
  ] as const) {
    assert.ok(!secretsEqual(a, b));
  }
});

test('an empty token opens nothing', () => {
  assert.throws(() => requireBearer(''), /token must not be empty/);
  assert.throws(() => requireToken('X-Token', '', 'vault'), /token must not be empty/);
});
