import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, shop, testApp } from '../test-app.ts';

const CHANGES: [path: string, body: object][] = [
  ['/circuits/isolate', { address: 'a:1', breaker: 'b', by: 'ann', why: 'test', for_s: 60 }],
  ['/circuits/release', { address: 'a:1', breaker: 'b', by: 'ann', why: 'test' }],
  ['/experiments', { name: 'attack' }],
  ['/experiments/stop', {}],
  ['/faults/clear', {}],
];

test('every change wants the token', async (t) => {
  const { post } = testApp(t);
  for (const [path, body] of CHANGES) {
    for (const token of ['', 'wrong', 'a-token-for-test']) {
      const response = await post(path, body, { 'x-console-token': token });
      assert.equal(response.status, 401, `${path} with "${token}"`);
    }
  }
});

test('every change wants JSON, which a form of another page cannot send', async (t) => {
  const { post } = testApp(t);
  for (const [path, body] of CHANGES) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const response = await post(path, body, { 'content-type': type });
      assert.equal(response.status, 415, `${path} as ${type}`);
    }
    assert.equal((await post(path, { ...body, extra: 1 })).status, 422, path);
  }
});

test('no change is made by GET', async (t) => {
  const { ask } = testApp(t);
  for (const path of ['/circuits/isolate', '/circuits/release', '/faults/clear']) {
    assert.ok([404, 405].includes((await ask(path)).status), path);
  }
});

test('a circuit is isolated and released by hand, with who and why', async (t) => {
  const { address } = await shop(t);
  const { post, page } = testApp(t, { places: [address] });
  const which = { address, breaker: 'provider', by: 'ann', why: 'it is <b>slow</b>' };
  const isolated = await post('/circuits/isolate', { ...which, for_s: 60 });
  assert.deepEqual([isolated.status, (await fieldsOf(isolated)).state], [200, 'isolated']);
  const shown = await page('/circuits');
  assert.match(shown, /state-isolated/);
  assert.match(shown, /by ann: it is &lt;b&gt;slow&lt;\/b&gt;/);

  const released = await post('/circuits/release', which);
  assert.deepEqual([released.status, (await fieldsOf(released)).state], [200, 'half_open']);
  const again = await post('/circuits/release', which);
  assert.deepEqual(
    [again.status, (await fieldsOf(again)).error_code],
    [409, 'BREAKER_NOT_ISOLATED'],
  );
});

test('a process that is not in the list is asked nothing', async (t) => {
  const { address } = await shop(t);
  const { post } = testApp(t, { places: [] });
  const body = { address, breaker: 'provider', by: 'ann', why: 'test', for_s: 60 };
  const refused = await post('/circuits/isolate', body);
  assert.deepEqual(
    [refused.status, (await fieldsOf(refused)).error_code],
    [404, 'PROCESS_NOT_FOUND'],
  );
});

test('what the service answers is passed on by its code', async (t) => {
  const { address } = await shop(t);
  const { post } = testApp(t, { places: [address, '127.0.0.1:9'] });
  const steer = async (at: string, breaker: string) => {
    const response = await post('/circuits/isolate', {
      ...{ address: at, breaker, by: 'ann', why: 'test', for_s: 60 },
    });
    return [response.status, (await fieldsOf(response)).error_code];
  };
  assert.deepEqual(await steer(address, 'nothing'), [404, 'BREAKER_NOT_FOUND']);
  assert.deepEqual(await steer('127.0.0.1:9', 'provider'), [503, 'DEPENDENCY_UNAVAILABLE']);
});
