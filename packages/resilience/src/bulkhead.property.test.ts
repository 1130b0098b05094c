import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DependencyUnavailableError } from '@breakwater/errors';
import fc from 'fast-check';
import type { Dependency } from './dependency.ts';
import { type EventRecorder, settle, testResilience, type VirtualClock } from './testing/index.ts';

const RUNS = 2_000;
const LONGEST_WAIT_MS = 100;

interface Attempt {
  readonly id: number;
  readonly caller: AbortController;
  finish?: (failed: boolean) => void;
}

const pick = fc.nat({ max: 7 });
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abortRunning' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abortWaiting' as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 50, 100) }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** A bulkhead as two lists, beside the real one. */
class Comparison {
  readonly #catalog: Dependency;
  readonly #clock: VirtualClock;
  readonly #events: EventRecorder;
  readonly #limits: { readonly concurrent: number; readonly queue: number };
  readonly #started: number[] = [];
  readonly #expectedStarts: number[] = [];
  #running: Attempt[] = [];
  #waiting: (Attempt & { readonly until: number })[] = [];
  #calls = 0;

  constructor(limits: { concurrent: number; queue: number }) {
    const { resilience, clock, events } = testResilience({ metrics: false });
    this.#catalog = resilience.dependency('catalog', {
      timeoutMs: 86_400_000,
      retry: false,
      breaker: false,
      bulkhead: { ...limits, longestWaitMs: LONGEST_WAIT_MS },
    });
    this.#limits = limits;
    this.#clock = clock;
    this.#events = events;
  }

  async run(command: Command): Promise<void> {
    if (command.do === 'call') this.#call();
    else if (command.do === 'advance') await this.#advance(command.ms);
    else if (command.do === 'abortWaiting') {
      const [attempt] = this.#waiting.splice(command.pick % (this.#waiting.length || 1), 1);
      attempt?.caller.abort();
    } else this.#end(command.do, command.pick);
    await settle();
    this.#compare();
  }

  /** Ends everything: whatever is left then has lost its place. */
  async drain(): Promise<void> {
    while (this.#running.length > 0) await this.run({ do: 'finish', pick: 0 });
    assert.equal(this.#events.calls.length, this.#calls, 'a call never ended');
    assert.deepEqual([this.#catalog.bulkhead?.active, this.#catalog.bulkhead?.queued], [0, 0]);
  }

  #call(): void {
    const attempt: Attempt = { id: this.#calls++, caller: new AbortController() };
    if (this.#running.length < this.#limits.concurrent) this.#start(attempt);
    else if (this.#waiting.length < this.#limits.queue) {
      const until = this.#clock.now() + LONGEST_WAIT_MS;
      this.#waiting.push(Object.assign(attempt, { until }));
    }
    const run = () =>
      new Promise<void>((resolve, reject) => {
        this.#started.push(attempt.id);
        attempt.finish = (failed) => {
          if (failed) reject(new DependencyUnavailableError('catalog'));
          else resolve();
        };
      });
    this.#catalog.execute(run, { signal: attempt.caller.signal }).catch(() => {});
  }

  #start(attempt: Attempt): void {
    this.#running.push(attempt);
    this.#expectedStarts.push(attempt.id);
  }

  #end(how: 'finish' | 'fail' | 'abortRunning', pick: number): void {
    const [attempt] = this.#running.splice(pick % (this.#running.length || 1), 1);
    if (!attempt) return;
    if (how === 'abortRunning') attempt.caller.abort();
    else attempt.finish?.(how === 'fail');
    const next = this.#waiting.shift();
    if (next) this.#start(next);
  }

  async #advance(ms: number): Promise<void> {
    const until = this.#clock.now() + ms;
    this.#waiting = this.#waiting.filter((waiting) => waiting.until > until);
    await this.#clock.advance(ms);
  }

  #compare(): void {
    const { active = -1, queued = -1 } = this.#catalog.bulkhead ?? {};
    assert.ok(active <= this.#limits.concurrent && queued <= this.#limits.queue, 'over the limits');
    assert.deepEqual([active, queued], [this.#running.length, this.#waiting.length]);
    assert.deepEqual(this.#started, this.#expectedStarts, 'first come, first served');
  }
}

test('the bulkhead is never over its limits and loses no place', async () => {
  const limits = fc.record({
    concurrent: fc.integer({ min: 1, max: 3 }),
    queue: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(command, { minLength: 1, maxLength: 40, size: 'max' }),
      async (given, commands) => {
        const comparison = new Comparison(given);
        for (const each of commands) await comparison.run(each);
        await comparison.drain();
      },
    ),
    { numRuns: RUNS },
  );
});
