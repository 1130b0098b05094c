import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DependencyUnavailableError, InvalidRequestError } from '@breakwater/errors';
import fc from 'fast-check';
import type { Dependency } from '../dependency.ts';
import { type EventRecorder, settle, testResilience, type VirtualClock } from '../testing/index.ts';
import { ReferenceMachine, type ReferenceOptions } from './reference-machine.ts';

const RUNS = 10_000;
const TIMEOUT_MS = 5_000;
const OPEN_MS = 1_000;

const option = fc
  .record({ failures: fc.integer({ min: 1, max: 3 }), calls: fc.integer({ min: 1, max: 3 }) })
  .chain(({ failures, calls }) =>
    fc.record({
      failures: fc.constant(failures),
      openMs: fc.constant(OPEN_MS),
      calls: fc.constant(calls),
      successes: fc.integer({ min: 1, max: calls }),
    }),
  );

const pick = fc.nat({ max: 5 });
const ended = <K extends string>(how: K) => fc.record({ do: fc.constant(how), pick });
const passed = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, OPEN_MS - 1, OPEN_MS, OPEN_MS + 1) },
  { weight: 1, arbitrary: fc.constantFrom(TIMEOUT_MS, 86_400_000) },
);
const command = fc.oneof(
  { weight: 7, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
  // As many calls that fail as open a closed circuit, while those before them go on.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('trip' as const) }) },
  // The time of an open circuit passes, and a call comes.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('probe' as const) }) },
  { weight: 3, arbitrary: ended('success' as const) },
  { weight: 2, arbitrary: ended('failure' as const) },
  { weight: 2, arbitrary: ended('ignored' as const) },
  { weight: 2, arbitrary: ended('cancelled' as const) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('advance' as const, 'jump' as const), ms: passed }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('isolate' as const),
      ms: fc.constantFrom(1, 700, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

const STATES = [
  ...['closed', 'open', 'open_over', 'half_open', 'half_open_full'],
  ...['isolated', 'isolated_over'],
];
const RESULTS = ['success', 'failure', 'ignored', 'cancelled', 'timeout'];
const EVENTS = [
  ...['call', 'advance', 'jump', 'isolate', 'release'],
  ...RESULTS,
  ...RESULTS.map((result) => `late ${result}`),
];

/** A state that lets no calls in has none of its own under way. */
const LETS_CALLS_IN = new Set(['closed', 'half_open', 'half_open_full']);
const REACHABLE = STATES.flatMap((state) =>
  EVENTS.filter((event) => LETS_CALLS_IN.has(state) || !RESULTS.includes(event)).map(
    (event) => `${state} × ${event}`,
  ),
);

interface Running {
  readonly era: number;
  readonly dueAt: number;
  readonly caller: AbortController;
  resolve(value: string): void;
  reject(error: unknown): void;
}

/** Runs the same commands on the real thing and on the reference, and compares after each. */
class Comparison {
  readonly #catalog: Dependency;
  readonly #options: ReferenceOptions;
  readonly #clock: VirtualClock;
  readonly #events: EventRecorder;
  readonly #reference: ReferenceMachine;
  readonly #seen: Map<string, number>;
  readonly #expected: Record<string, number> = {};
  #running: Running[] = [];

  constructor(options: ReferenceOptions, seen: Map<string, number>) {
    const { resilience, clock, events } = testResilience({ registry: false });
    const { failures, openMs, calls, successes } = options;
    this.#catalog = resilience.dependency('catalog', {
      timeoutMs: TIMEOUT_MS,
      retry: false,
      bulkhead: false,
      breaker: { trip: { kind: 'consecutive', failures }, openMs, halfOpen: { calls, successes } },
    });
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#reference = new ReferenceMachine(options);
    this.#seen = seen;
  }

  async run(command: Command): Promise<void> {
    const now = this.#clock.now();
    if ('pick' in command) this.#end(command.do, command.pick);
    else if (command.do === 'trip') {
      for (let i = 0; i < this.#options.failures; i++) {
        await this.run({ do: 'call' });
        await this.run({ do: 'failure', pick: this.#running.length - 1 });
      }
    } else if (command.do === 'probe') {
      await this.run({ do: 'advance', ms: OPEN_MS });
      await this.run({ do: 'call' });
    } else {
      this.#note(command.do);
      if (command.do === 'call') this.#call(now);
      if (command.do === 'isolate') {
        this.#reference.isolate(now, command.ms);
        this.#catalog.isolate({ by: 'test', why: 'test', forMs: command.ms });
      }
      if (command.do === 'release') {
        this.#reference.release();
        this.#catalog.release({ by: 'test', why: 'test' });
      }
      if (command.do === 'advance') {
        this.#timeOut(now + command.ms, ({ dueAt }) => dueAt);
        await this.#clock.advance(command.ms);
      }
      if (command.do === 'jump') {
        this.#timeOut(now + command.ms, () => now + command.ms);
        this.#clock.jump(command.ms);
        await this.#clock.advance(0);
      }
    }
    await settle();
    this.#compare();
  }

  #call(now: number): void {
    const era = this.#reference.call(now);
    const caller = new AbortController();
    let running: Running | undefined;
    const answer = this.#catalog.execute(
      () =>
        new Promise<string>((resolve, reject) => {
          assert.ok(era !== undefined, 'a call was let in that the reference refuses');
          running = { era, dueAt: now + TIMEOUT_MS, caller, resolve, reject };
          this.#running.push(running);
        }),
      { signal: caller.signal },
    );
    answer.catch(() => {});
    assert.equal(running !== undefined, era !== undefined, 'a call was refused that should not be');
    if (era === undefined) this.#expect('rejected');
  }

  #end(how: 'success' | 'failure' | 'ignored' | 'cancelled', pick: number): void {
    if (this.#running.length === 0) return;
    const [running] = this.#running.splice(pick % this.#running.length, 1) as [Running];
    this.#result(running, how, how, this.#clock.now());
    if (how === 'success') running.resolve('item');
    if (how === 'failure') running.reject(new DependencyUnavailableError('catalog'));
    if (how === 'ignored') running.reject(new InvalidRequestError('no'));
    if (how === 'cancelled') running.caller.abort();
  }

  #timeOut(until: number, at: (running: Running) => number): void {
    const due = this.#running.filter(({ dueAt }) => dueAt <= until);
    this.#running = this.#running.filter(({ dueAt }) => dueAt > until);
    for (const running of due) this.#result(running, 'timeout', 'failure', at(running));
  }

  #result(running: Running, event: string, outcome: string, now: number): void {
    this.#note(this.#reference.isLate(running.era) ? `late ${event}` : event, now);
    this.#expect(outcome);
    const result = outcome === 'failure' ? 'bad' : outcome === 'cancelled' ? 'none' : 'good';
    this.#reference.result(running.era, result, now);
  }

  #note(event: string, now = this.#clock.now()): void {
    const pair = `${this.#reference.state(now)} × ${event}`;
    this.#seen.set(pair, (this.#seen.get(pair) ?? 0) + 1);
  }

  #expect(outcome: string): void {
    this.#expected[outcome] = (this.#expected[outcome] ?? 0) + 1;
  }

  #compare(): void {
    const [breaker] = this.#catalog.breakers();
    const { name: _, isolatedBy: __, isolatedWhy: ___, ...shown } = breaker ?? { name: '' };
    assert.deepEqual(shown, this.#reference.shown(this.#clock.now()));
    assert.deepEqual(
      this.#events.transitions.map(({ from, to }) => `${from}>${to}`),
      this.#reference.transitions,
    );
    const outcomes: Record<string, number> = {};
    for (const { outcome } of this.#events.calls) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    assert.deepEqual(outcomes, this.#expected);
  }
}

test(`the breaker agrees with the reference machine over ${RUNS} sequences`, async (t) => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      option,
      fc.array(command, { minLength: 10, maxLength: 40, size: 'max' }),
      async (options, commands) => {
        const comparison = new Comparison(options, seen);
        for (const each of commands) await comparison.run(each);
      },
    ),
    { numRuns: RUNS },
  );
  const missed = REACHABLE.filter((pair) => !seen.has(pair));
  assert.deepEqual(missed, [], 'reachable pairs of state and event that were never generated');
  assert.deepEqual(
    [...seen.keys()].filter((pair) => !REACHABLE.includes(pair)),
    [],
  );
  const rarest = Math.min(...seen.values());
  t.diagnostic(`${seen.size} pairs of state and event, the rarest ${rarest} times`);
});
