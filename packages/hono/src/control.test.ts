import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireBearer, requireToken, secretsEqual } from './control.ts';
import { GuessLimit } from './guess-limit.ts';
import { testService } from './testing/test-service.ts';

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

/** A vault whose time a test moves, and what one address gets there. */
function vault(options: { token?: string; trustedProxies?: number; allowedHosts?: string[] } = {}) {
  const { token = 'right', trustedProxies = 1, allowedHosts = [] } = options;
  let now = 0;
  const made = testService();
  const guard = requireToken('X-Token', token, 'vault', {
    trustedProxies,
    allowedHosts,
    now: () => now,
  });
  made.service.app.get('/gold', guard, (c) => c.json({ gold: 1 }));
  const open = async (given: string, address = '192.0.2.1', more: Record<string, string> = {}) => {
    const headers = { 'x-token': given, 'x-forwarded-for': address, ...more };
    return made.request('GET', '/gold', { headers });
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...made, open, pass };
}

test('ten wrong guesses close the door to an address for the rest of a minute', async () => {
  const { open, pass, lines } = vault();
  for (let i = 0; i < 10; i++) assert.equal((await open(`guess-${i}`)).status, 401);
  pass(20_000);
  for (const given of ['guess-11', 'right']) {
    const { status, headers, body } = await open(given);
    assert.deepEqual([status, body.error_code], [429, 'RATE_LIMITED'], given);
    assert.equal(headers.get('retry-after'), '40');
  }
  assert.equal((await open('right', '192.0.2.2')).status, 200, 'others are let in');
  assert.equal(lines.at(-1)?.error_undeclared, undefined);
});

test('who asks on meanwhile makes no wait longer', async () => {
  const { open, pass } = vault();
  for (let i = 0; i < 10; i++) await open('wrong');
  for (let s = 1; s < 60; s++) {
    pass(1_000);
    assert.equal((await open('wrong')).status, 429);
  }
  pass(1_000);
  assert.equal((await open('right')).status, 200);
});

test('the right token, and none at all, are no guesses', async () => {
  const { open } = vault();
  for (let i = 0; i < 30; i++) assert.equal((await open('right')).status, 200);
  for (let i = 0; i < 30; i++) assert.equal((await open('')).status, 401);
  assert.equal((await open('right')).status, 200);
});

test('what is remembered of guesses is bounded', () => {
  const limit = new GuessLimit(() => 0);
  const guess = (address: string) => {
    for (let i = 0; i < 10; i++) limit.count(address);
  };
  guess('first');
  assert.equal(limit.waitMs('first'), 60_000);
  for (let i = 0; i < 1_000; i++) guess(`other-${i}`);
  assert.equal(limit.waitMs('first'), 0, 'the oldest is forgotten');
  assert.equal(limit.waitMs('other-999'), 60_000);
});

test('the token that everybody knows opens to no page of a name that was rebound', async () => {
  const known = vault({ token: 'breakwater-dev' });
  const foreign = { host: 'attacker.example:8080', origin: 'http://attacker.example:8080' };
  const refused = await known.open('breakwater-dev', '127.0.0.1', foreign);
  assert.deepEqual([refused.status, refused.body.error_code], [403, 'FOREIGN_HOST']);
  const page = await known.open('breakwater-dev', '127.0.0.1', { origin: 'http://evil.example' });
  assert.deepEqual([page.status, page.body.error_code], [403, 'FOREIGN_ORIGIN']);
  assert.equal((await known.open('breakwater-dev', '127.0.0.1')).status, 200);

  const named = vault({ token: 'breakwater-dev', allowedHosts: ['gateway'] });
  assert.equal((await named.open('breakwater-dev', '', { host: 'gateway:8080' })).status, 200);
  assert.equal((await vault().open('right', '', foreign)).status, 200, 'one of its own is enough');
});
