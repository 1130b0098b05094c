/**
 * A probe that says nothing closes nothing and blocks nothing, whatever kept it from saying it.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  DeadlineExceededError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeErrorBody,
  RateLimitError,
} from '@breakwater/errors';
import { type CallOptions, type Clock, Deadline, type DependencyOptions } from '../index.ts';
import { ScriptedDependency, settle, testResilience } from '../testing/index.ts';

const TIMEOUT_MS = 2_000;
const OPEN_MS = 1_000;

/** A circuit whose open time is over, of a dependency that answers well after 100 ms. */
async function halfOpen(options: DependencyOptions = {}) {
  const telemetry = testResilience({ metrics: false });
  const { clock, resilience } = telemetry;
  const catalog = resilience.dependency('catalog', {
    retry: false,
    timeoutMs: TIMEOUT_MS,
    ...options,
    breaker: { openMs: OPEN_MS, ...options.breaker },
  });
  const provider = new ScriptedDependency<string>(clock, [
    { error: () => new BadGatewayError('catalog') },
  ]);
  for (let i = 0; i < 5; i++) await assert.rejects(catalog.execute(provider.call));
  await clock.advance(OPEN_MS);
  provider.script([{ value: 'item', afterMs: 100 }]);
  const state = () => catalog.breakers()[0]?.state;
  assert.equal(state(), 'half_open');
  return { ...telemetry, catalog, provider, state };
}

/** Makes a call that fails at once. */
async function probe(
  { catalog }: Awaited<ReturnType<typeof halfOpen>>,
  fn: () => Promise<unknown>,
) {
  await assert.rejects(catalog.execute(fn));
}

const fails = (error: unknown) => async () => {
  throw error;
};

test('429 closes nothing, and the next probe decides', async () => {
  const circuit = await halfOpen();
  for (let i = 0; i < 10; i++) await probe(circuit, fails(new RateLimitError('slow down')));
  assert.equal(circuit.state(), 'half_open');
  await probe(circuit, fails(new BadGatewayError('catalog')));
  assert.equal(circuit.state(), 'open');
});

test('429 does not let more probes in than were asked for', async () => {
  const circuit = await halfOpen();
  for (let i = 0; i < 10; i++) await probe(circuit, fails(new RateLimitError('slow down')));
  const { catalog, provider, clock } = circuit;
  const calls = [1, 2, 3].map(() => catalog.execute(provider.call));
  const [ended] = await Promise.all([Promise.allSettled(calls), clock.advance(100)]);
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  );
});

test('a policy inside the attempt that refuses closes nothing', async () => {
  const circuit = await halfOpen();
  const { resilience } = circuit;
  const inner = resilience.dependency('inner', {
    retry: false,
    timeoutMs: 60_000,
    bulkhead: { concurrent: 1, queue: 0 },
  });
  const taken = new AbortController();
  const running = inner.execute(() => new Promise(() => {}), { signal: taken.signal });
  const ended = assert.rejects(running);
  await probe(circuit, () => inner.execute(async () => 1));
  taken.abort();
  await ended;
  inner.isolate({ by: 'test', why: 'test', forMs: 60_000 });
  await probe(circuit, () => inner.execute(async () => 1));
  assert.equal(circuit.state(), 'half_open');
});

test('its own full bulkhead closes nothing, and floods nothing once there are places', async () => {
  const { resilience, clock, events } = testResilience({ metrics: false });
  const catalog = resilience.dependency('catalog', {
    retry: false,
    timeoutMs: 60_000,
    bulkhead: { concurrent: 3, queue: 1, longestWaitMs: 100 },
  });
  const provider = new ScriptedDependency<string>(clock, ['hang']);
  const callers = new AbortController();
  const before = [1, 2, 3].map(() => catalog.execute(provider.call, { signal: callers.signal }));
  const ended = Promise.allSettled(before);
  catalog.isolate({ by: 'test', why: 'test', forMs: 1 });
  await clock.advance(1);
  for (let i = 0; i < 20; i++) {
    const waits = catalog.execute(provider.call);
    const refused = catalog.execute(provider.call);
    await Promise.all([Promise.allSettled([waits, refused]), clock.advance(100)]);
  }
  assert.equal(catalog.breakers()[0]?.state, 'half_open');
  callers.abort();
  await ended;
  const rejectedBefore = events.rejections.length;
  provider.script([{ value: 'item', afterMs: 10 }]);
  const crowd = [1, 2, 3].map(() => catalog.execute(provider.call));
  assert.equal(events.rejections.length - rejectedBefore, 2, 'one probe at a time, as before');
  await Promise.all([Promise.allSettled(crowd), clock.advance(10)]);
  assert.equal(catalog.breakers()[0]?.state, 'closed');
});

test('too little time to send leaves the circuit alone', async () => {
  const circuit = await halfOpen();
  const { catalog, clock, events, state } = circuit;
  const late = catalog.execute(async () => 1, { deadline: Deadline.after(0, clock) });
  await assert.rejects(late, { code: 'DEADLINE_EXCEEDED' });
  assert.deepEqual([state(), events.transitions.length], ['half_open', 1]);
});

test('a peer that names its own dependency works: the circuit closes', async () => {
  const circuit = await halfOpen();
  const body = { error_code: 'CIRCUIT_OPEN', message: 'm', context: { dependency: 'ldap' } };
  const nested = decodeErrorBody(503, { get: () => null }, JSON.stringify(body));
  await probe(circuit, fails(nested));
  assert.equal(circuit.state(), 'closed');
});

/** Who keeps taking the place of the probe and gives it up: by deadline, or by going away. */
const HURRIED: Record<
  string,
  (clock: Clock) => Pick<CallOptions, 'deadline' | 'signal'> & { stop(): void }
> = {
  'short deadlines': (clock) => ({
    deadline: Deadline.after(50, clock),
    stop: () => {},
  }),
  'hang-ups': () => {
    const caller = new AbortController();
    return { signal: caller.signal, stop: () => caller.abort() };
  },
};
for (const [what, hurry] of Object.entries(HURRIED)) {
  test(`callers with ${what} do not keep out one that waits`, async () => {
    const { catalog, provider, clock, state } = await halfOpen();
    let served = 0;
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const { stop, ...options } = hurry(clock);
      const hurried = catalog.execute(provider.call, options).catch(() => {});
      catalog.execute(provider.call).then(
        () => served++,
        () => refused++,
      );
      await clock.advance(50);
      stop();
      await hurried;
    }
    await clock.advance(100);
    assert.deepEqual([served, refused, state()], [199, 1, 'closed']);
  });

  test(`many callers with ${what} at once do not either`, async () => {
    const { catalog, provider, clock, state } = await halfOpen();
    let round = 0;
    for (; state() === 'half_open' && round < 50; round++) {
      const crowd = Array.from({ length: 50 }, () => {
        const { stop, ...options } = hurry(clock);
        return { stop, calling: catalog.execute(provider.call, options).catch(() => {}) };
      });
      catalog.execute(provider.call).catch(() => {});
      await clock.advance(50);
      for (const { stop } of crowd) stop();
      await settle();
    }
    assert.equal(state(), 'closed');
    assert.ok(round < 12, `${round} rounds`);
  });
}

test('a dependency that hangs and a deadline a little shorter than the timeout open it', async () => {
  const { resilience, clock } = testResilience({ metrics: false });
  const catalog = resilience.dependency('catalog', { retry: false, timeoutMs: TIMEOUT_MS });
  const hang = async (deadlineMs: number, times: number) => {
    for (let i = 0; i < times; i++) {
      const deadline = Deadline.after(deadlineMs, clock);
      const hung = assert.rejects(
        catalog.execute(() => new Promise(() => {}), { deadline }),
        { code: 'DEADLINE_EXCEEDED' },
      );
      await clock.advance(deadlineMs);
      await hung;
    }
  };
  await hang(999, 100);
  assert.equal(catalog.breakers()[0]?.failures, 0, 'less than half of the timeout is haste');
  await hang(1_900, 5);
  assert.equal(catalog.breakers()[0]?.state, 'open');
  await clock.advance(10_000);
  await hang(1_900, 1);
  assert.equal(catalog.breakers()[0]?.state, 'open', 'and a probe that hangs opens it again');
});

/** Signals that end a call because its time is over, and one that ends it because nobody waits. */
const OUT_OF_TIME = {
  'the deadline of the request': new DeadlineExceededError('over'),
  'the timeout of an attempt around it': new DependencyTimeoutError('outer'),
  'AbortSignal.timeout': new DOMException('over', 'TimeoutError'),
};
for (const [what, reason] of Object.entries({ ...OUT_OF_TIME, 'a hang-up': undefined })) {
  test(`a hang that ${what} ends by a signal`, async () => {
    const { resilience, clock } = testResilience({ metrics: false });
    const catalog = resilience.dependency('catalog', { retry: false, timeoutMs: TIMEOUT_MS });
    for (const afterMs of [999, 1_000]) {
      const caller = new AbortController();
      const { signal } = caller;
      const hung = assert.rejects(catalog.execute(() => new Promise(() => {}), { signal }));
      await clock.advance(afterMs);
      caller.abort(reason);
      await hung;
    }
    assert.equal(catalog.breakers()[0]?.failures, reason === undefined ? 0 : 1);
  });
}

test('a hang below an attempt whose timeout is a little shorter opens its circuit', async () => {
  const { resilience, clock } = testResilience({ metrics: false });
  const outer = resilience.dependency('outer', { retry: false, timeoutMs: 1_900, breaker: false });
  const inner = resilience.dependency('inner', { retry: false, timeoutMs: TIMEOUT_MS });
  for (let i = 0; i < 5; i++) {
    const hung = assert.rejects(
      outer.execute(() => inner.execute(() => new Promise(() => {}))),
      { code: 'DEPENDENCY_TIMEOUT' },
    );
    await clock.advance(1_900);
    await hung;
  }
  assert.equal(inner.breakers()[0]?.state, 'open');
});

test('a blocked event loop makes no hang of a short deadline', async () => {
  const { resilience, clock } = testResilience({ metrics: false });
  const catalog = resilience.dependency('catalog', { retry: false, timeoutMs: TIMEOUT_MS });
  const deadline = Deadline.after(50, clock);
  const late = assert.rejects(catalog.execute(() => new Promise(() => {}), { deadline }));
  clock.jump(60_000);
  await clock.advance(0);
  await late;
  assert.equal(catalog.breakers()[0]?.failures, 0);
});

test('what a probe of an earlier half-open time gives up makes no place in the next', async () => {
  const { catalog, provider, clock, state } = await halfOpen({
    breaker: { openMs: OPEN_MS, halfOpen: { calls: 2, successes: 2 } },
  });
  provider.script(['hang', { error: () => new DependencyUnavailableError('catalog') }]);
  const caller = new AbortController();
  const early = assert.rejects(catalog.execute(provider.call, { signal: caller.signal }));
  await assert.rejects(catalog.execute(provider.call));
  assert.equal(state(), 'open');
  await clock.advance(OPEN_MS);
  provider.script(['hang']);
  const calls = [1, 2].map(() => catalog.execute(provider.call));
  caller.abort();
  await early;
  await assert.rejects(catalog.execute(provider.call), { code: 'CIRCUIT_OPEN' });
  await Promise.all([Promise.allSettled(calls), clock.advance(TIMEOUT_MS)]);
});
