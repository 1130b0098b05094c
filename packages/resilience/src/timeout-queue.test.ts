import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import type { Clock } from './clock.ts';
import { VirtualClock } from './testing/index.ts';
import { TimeoutQueue } from './timeout-queue.ts';

function setUp(clock = new VirtualClock()) {
  const queue = new TimeoutQueue(clock);
  const fired: string[] = [];
  const add = (name: string) => {
    const timed = {
      dueAt: clock.now() + 100,
      onTimeout: () => fired.push(`${name}@${clock.now() - 1_000_000}`),
    };
    queue.add(timed, 100);
    return timed;
  };
  return { clock, queue, fired, add };
}

test('each is fired at its own time, over one timer', async () => {
  const { clock, queue, fired, add } = setUp();
  add('a');
  await clock.advance(30);
  add('b');
  add('c');
  assert.equal(clock.pending, 1);
  await clock.advance(1_000);
  assert.deepEqual(fired, ['a@100', 'b@130', 'c@130']);
  assert.deepEqual([queue.size, clock.pending], [0, 0]);
});

test('one that has ended is not fired, and the timer goes on for the next', async () => {
  const { clock, queue, fired, add } = setUp();
  const a = add('a');
  await clock.advance(50);
  add('b');
  queue.delete(a);
  await clock.advance(1_000);
  assert.deepEqual(fired, ['b@150']);
});

test('one that is added while others are fired waits its own time', async () => {
  const { clock, queue, fired, add } = setUp();
  queue.add({ dueAt: clock.now() + 100, onTimeout: () => add('later') }, 100);
  await clock.advance(199);
  assert.deepEqual(fired, []);
  await clock.advance(1);
  assert.deepEqual(fired, ['later@200']);
});

test('keeps the process alive while somebody waits, and only then', () => {
  const alive: boolean[] = [];
  const clock: Clock = {
    now: () => 0,
    setTimer: () => ({ cancel() {}, keepAlive: (yes) => alive.push(yes) }),
  };
  const queue = new TimeoutQueue(clock);
  const timed = { dueAt: 100, onTimeout() {} };
  queue.add(timed, 100);
  queue.delete(timed);
  queue.delete(timed);
  queue.add(timed, 100);
  assert.deepEqual(alive, [false, true]);
});

test('its timer does not hold on to the request that set it', () => {
  const requests = new AsyncLocalStorage<string>();
  let seen: string | undefined = 'never set';
  const clock: Clock = {
    now: () => 0,
    setTimer: () => {
      seen = requests.getStore();
      return { cancel() {} };
    },
  };
  requests.run('a request', () => {
    new TimeoutQueue(clock).add({ dueAt: 1, onTimeout() {} }, 1);
  });
  assert.equal(seen, undefined);
});
