import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { makeTestApp } from '../test-app.ts';

/** The gateway, and a way to pass the waits between attempts. */
async function experiment() {
  const app = await makeTestApp();
  const { clock, events } = app;
  return {
    ...app,
    /** Waits until the attempt has failed and passes the wait before the next one. */
    async passWait(retry: number): Promise<number> {
      const { delayMs } = await eventually(async () => {
        const planned = events.retries[retry - 1];
        assert.ok(planned);
        return planned;
      });
      await clock.advance(delayMs);
      return delayMs;
    },
  };
}

/** Fails the first `failures` requests. */
function failing(failures: number): () => boolean {
  let left = failures;
  return () => left-- > 0;
}

test('/call-service succeeds at the third attempt, after waits that grow', async (t) => {
  const { request, unstable, passWait, stop } = await experiment();
  t.after(stop);
  unstable.fails = failing(2);
  const calling = request('GET', '/call-service');
  const waits = [await passWait(1), await passWait(2)];
  const { status, body } = await calling;
  assert.deepEqual([status, body], [200, { status: 'ok' }]);
  assert.deepEqual(unstable.seen, ['/fake_service', '/fake_service', '/fake_service']);
  // The peer's Retry-After of a second, and on top of it 100 and then 200 ms, less some jitter.
  const beyond = waits.map((wait) => wait - 1_000);
  assert.ok(beyond[0] !== undefined && beyond[0] >= 50 && beyond[0] <= 100, `${beyond}`);
  assert.ok(beyond[1] !== undefined && beyond[1] >= 100 && beyond[1] <= 200, `${beyond}`);
});

test('/call-service makes three attempts whatever others do, and answers by the contract', async (t) => {
  const { request, unstable, clock, events, stop } = await experiment();
  t.after(stop);
  unstable.fails = () => true;
  const calls = Array.from({ length: 8 }, () => request('GET', '/call-service'));
  for (const retries of [8, 16]) {
    await eventually(async () => assert.equal(events.retries.length, retries));
    await clock.advance(1_200);
  }
  for (const { status, body, headers } of await Promise.all(calls)) {
    assert.deepEqual([status, body.error_code], [503, 'DEPENDENCY_UNAVAILABLE']);
    assert.equal(body.context.dependency, 'fake-service');
    assert.ok(headers.get('retry-after'));
  }
  assert.equal(unstable.seen.length, 24, 'no budget and no circuit took a retry away');
  assert.deepEqual(events.rejections, []);
});

test('/call-external opens at three failures in a row, for ten seconds, and probes once', async (t) => {
  const { request, unstable, clock, stop } = await experiment();
  t.after(stop);
  const call = async () => (await request('GET', '/call-external')).status;
  const state = async () => (await request('GET', '/breaker-status')).body;
  assert.deepEqual(await state(), { state: 'CLOSED', failures: 0 });
  unstable.fails = () => true;
  assert.deepEqual([await call(), await call()], [502, 502]);
  assert.deepEqual(await state(), { state: 'CLOSED', failures: 2 });
  unstable.fails = () => false;
  assert.equal(await call(), 200);
  assert.deepEqual(await state(), { state: 'CLOSED', failures: 0 });

  unstable.fails = () => true;
  assert.deepEqual([await call(), await call(), await call()], [502, 502, 502]);
  assert.equal(unstable.seen.length, 6, 'one attempt a call');
  const refused = await request('GET', '/call-external');
  assert.deepEqual([refused.status, refused.body.error_code], [503, 'CIRCUIT_OPEN']);
  assert.equal(refused.headers.get('retry-after'), '10');
  assert.deepEqual(await state(), { state: 'OPEN', failures: 3 });

  await clock.advance(9_999);
  assert.equal(await call(), 503);
  await clock.advance(1);
  assert.equal((await state()).state, 'HALF_OPEN');
  assert.equal(await call(), 502, 'the probe fails');
  assert.equal((await state()).state, 'OPEN');
  assert.equal(unstable.seen.length, 7);

  await clock.advance(10_000);
  unstable.fails = () => false;
  assert.equal(await call(), 200, 'the probe succeeds');
  assert.deepEqual(await state(), { state: 'CLOSED', failures: 0 });
});

test('an isolated circuit reads as open', async (t) => {
  const { request, operate, stop } = await experiment();
  t.after(stop);
  const isolated = await operate('POST', '/breakers/external/isolate', {
    body: { for_s: 60, by: 'test', why: 'to see' },
    headers: { authorization: 'Bearer breakwater-dev' },
  });
  assert.equal(isolated.status, 200);
  assert.deepEqual((await request('GET', '/breaker-status')).body, { state: 'OPEN', failures: 0 });
  const refused = await request('GET', '/call-external');
  assert.deepEqual([refused.status, refused.body.error_code], [503, 'CIRCUIT_ISOLATED']);
});
