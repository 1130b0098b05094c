import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsecutiveBreaker } from 'cockatiel';
import { VirtualClock } from '../testing/index.ts';
import { Breaker, type Permit, type Transition } from './breaker.ts';

function setUp(options: ConstructorParameters<typeof Breaker>[1] = {}) {
  const clock = new VirtualClock();
  const transitions: Transition[] = [];
  const breaker = new Breaker('catalog', options, clock, (transition) => {
    transitions.push(transition);
  });
  const acquire = () => {
    const permit = breaker.acquire();
    assert.ok(typeof permit !== 'string', `refused: ${permit}`);
    return permit;
  };
  const fail = (times = 1) => {
    for (let i = 0; i < times; i++) breaker.settle(acquire(), 'failure', new Error('down'));
  };
  return { clock, transitions, breaker, acquire, fail };
}

test('opens at the failures it was told, tells why, and for how long', () => {
  const { breaker, fail, transitions } = setUp({
    trip: { kind: 'consecutive', failures: 3 },
    openMs: 10_000,
  });
  fail(2);
  assert.equal(breaker.state, 'closed');
  fail();
  assert.equal(breaker.acquire(), 'circuit_open');
  const [{ error, ...transition } = {} as Transition] = transitions;
  assert.deepEqual(transition, {
    from: 'closed',
    to: 'open',
    reason: 'tripped',
    failures: 3,
    lastsMs: 10_000,
  });
  assert.equal((error as Error).message, 'down');
});

test('a success between failures starts the count anew', () => {
  const { breaker, acquire, fail } = setUp({ trip: { kind: 'consecutive', failures: 2 } });
  fail();
  breaker.settle(acquire(), 'success');
  fail();
  assert.equal(breaker.state, 'closed');
});

test('by default opens at 5 failures for 10 seconds, and one success closes it', () => {
  const { breaker, acquire, fail, clock } = setUp();
  fail(5);
  assert.equal(breaker.retryAfterMs(), 10_000);
  clock.jump(9_999);
  assert.equal(breaker.acquire(), 'circuit_open');
  clock.jump(1);
  breaker.settle(acquire(), 'success');
  assert.equal(breaker.state, 'closed');
});

test('half-open, lets N calls through and closes when M of them succeed', () => {
  const { breaker, acquire, fail, clock, transitions } = setUp({
    halfOpen: { calls: 3, successes: 2 },
    openMs: 100,
  });
  fail(5);
  clock.jump(100);
  const probes = [acquire(), acquire(), acquire()] as [Permit, Permit, Permit];
  assert.equal(breaker.acquire(), 'circuit_half_open');
  breaker.settle(probes[0], 'failure');
  breaker.settle(probes[1], 'success');
  assert.equal(breaker.state, 'half_open');
  breaker.settle(probes[2], 'success');
  assert.equal(breaker.state, 'closed');
  assert.deepEqual(
    transitions.map(({ reason }) => reason),
    ['tripped', 'open_time_over', 'probes_succeeded'],
  );
});

test('half-open, opens as soon as M successes are out of reach', () => {
  const { breaker, acquire, fail, clock } = setUp({
    halfOpen: { calls: 3, successes: 2 },
    openMs: 100,
  });
  fail(5);
  clock.jump(100);
  fail();
  assert.equal(breaker.state, 'half_open');
  breaker.settle(acquire(), 'failure');
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.snapshot().failures, 7);
});

test('a probe that says nothing frees its place', () => {
  const { breaker, acquire, fail, clock } = setUp({ openMs: 100 });
  fail(5);
  clock.jump(100);
  breaker.settle(acquire(), 'nothing');
  assert.equal(breaker.state, 'half_open');
  breaker.settle(acquire(), 'success');
  assert.equal(breaker.state, 'closed');
});

test('a probe whose caller gave it up leaves one place more than there was', () => {
  const { breaker, acquire, fail, clock } = setUp({ openMs: 100 });
  fail(5);
  clock.jump(100);
  const hurried = acquire();
  assert.equal(breaker.acquire(), 'circuit_half_open');
  breaker.settle(hurried, 'given_up');
  acquire();
  breaker.settle(acquire(), 'success');
  assert.equal(breaker.state, 'closed');
});

test('more places want no more successes, and forgive no more failures', () => {
  const { breaker, acquire, fail, clock } = setUp({
    halfOpen: { calls: 3, successes: 2 },
    openMs: 100,
  });
  fail(5);
  clock.jump(100);
  for (let i = 0; i < 10; i++) breaker.settle(acquire(), 'given_up');
  fail();
  assert.equal(breaker.state, 'half_open');
  fail();
  assert.equal(breaker.state, 'open');
  clock.jump(100);
  for (let i = 0; i < 3; i++) acquire();
  assert.equal(breaker.acquire(), 'circuit_half_open', 'the places of before are forgotten');
});

test('what says nothing neither counts nor interrupts while closed', () => {
  const { breaker, acquire, fail } = setUp({ trip: { kind: 'consecutive', failures: 2 } });
  fail();
  for (const nothing of ['nothing', 'given_up'] as const) breaker.settle(acquire(), nothing);
  assert.equal(breaker.snapshot().failures, 1);
  fail();
  assert.equal(breaker.state, 'open');
});

test('opens on a share of the last calls', () => {
  const { breaker, acquire, fail } = setUp({
    trip: { kind: 'count', size: 10, threshold: 0.5, minimumCalls: 4 },
  });
  for (let i = 0; i < 4; i++) breaker.settle(acquire(), 'success');
  fail(3);
  assert.equal(breaker.state, 'closed', '3 of 7 are less than half');
  assert.equal(breaker.snapshot().failures, 3);
  fail();
  assert.equal(breaker.state, 'open', '4 of 8 are half');
});

test('takes a cockatiel breaker of the caller, a new one for each closed state', () => {
  let made = 0;
  const { breaker, acquire, fail, clock } = setUp({
    trip: () => {
      made++;
      return new ConsecutiveBreaker(2);
    },
    openMs: 100,
  });
  fail(2);
  assert.deepEqual([breaker.state, breaker.snapshot().failures], ['open', 2]);
  clock.jump(100);
  breaker.settle(acquire(), 'success');
  fail();
  assert.deepEqual([breaker.state, made], ['closed', 2]);
});

test('an isolation says who and why, and a later one takes its place', () => {
  const { breaker, transitions, clock } = setUp();
  breaker.isolate({ by: 'ana', why: 'migration', forMs: 1_000 });
  clock.jump(500);
  breaker.isolate({ by: 'bo', why: 'longer', forMs: 1_000 });
  clock.jump(600);
  assert.deepEqual(breaker.snapshot(), {
    name: 'catalog',
    state: 'isolated',
    failures: 0,
    retryAfterMs: 400,
    isolatedBy: 'bo',
    isolatedWhy: 'longer',
  });
  assert.equal(transitions.length, 1);
  assert.deepEqual([transitions[0]?.by, transitions[0]?.why], ['ana', 'migration']);
});

test('a release makes the next call a probe, and does nothing where nothing is isolated', () => {
  const { breaker, acquire, transitions } = setUp();
  assert.equal(breaker.release({ by: 'ana', why: 'mistake' }), false);
  breaker.isolate({ by: 'ana', why: 'migration', forMs: 1_000 });
  assert.equal(breaker.release({ by: 'ana', why: 'done' }), true);
  assert.equal(breaker.state, 'half_open');
  breaker.settle(acquire(), 'failure');
  assert.equal(breaker.state, 'open');
  assert.deepEqual(
    transitions.map(({ reason }) => reason),
    ['isolated', 'released', 'probes_failed'],
  );
});

test('an isolation needs an end', () => {
  const { breaker } = setUp();
  for (const forMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001]) {
    assert.throws(() => breaker.isolate({ by: 'ana', why: 'x', forMs }), RangeError);
  }
});

test('a listener that changes the circuit while it is told is heard', () => {
  const clock = new VirtualClock();
  const breaker: Breaker = new Breaker('catalog', { openMs: 100 }, clock, ({ to }) => {
    if (to === 'half_open') breaker.isolate({ by: 'listener', why: 'test', forMs: 1_000 });
  });
  for (let i = 0; i < 5; i++) breaker.settle(breaker.acquire() as Permit, 'failure');
  clock.jump(100);
  assert.equal(breaker.acquire(), 'circuit_isolated');
});
