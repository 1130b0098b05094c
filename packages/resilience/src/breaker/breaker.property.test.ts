import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DependencyUnavailableError,
  decodeErrorBody,
  InvalidRequestError,
  RateLimitError,
} from '@breakwater/errors';
import fc from 'fast-check';
import { Deadline } from '../deadline.ts';
import type { Dependency } from '../dependency.ts';
import { BulkheadFullError } from '../errors.ts';
import type { Outcome } from '../names.ts';
import { type EventRecorder, settle, testResilience, type VirtualClock } from '../testing/index.ts';
import {
  ReferenceMachine,
  type ReferenceOptions,
  type ReferenceResult,
} from './reference-machine.ts';

const RUNS = 10_000;
const TIMEOUT_MS = 5_000;
const OPEN_MS = 1_000;
/** Attempts that find a place in the bulkhead. */
const PLACES = 4;
/** The callers' deadlines: fractions, so that none ends at the same moment as a timeout. */
const DEADLINES = { hasty: 1_000.5, hung: TIMEOUT_MS - 0.25 };

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

/** What each result of a call means: its word in metrics, and what it tells the circuit. */
const RESULTS = {
  success: ['success', 'good'],
  failure: ['failure', 'bad'],
  timeout: ['failure', 'bad'],
  /** The caller's deadline, a little shorter than the timeout. */
  hung: ['failure', 'bad'],
  /** The dependency's own dependency. */
  beyond: ['failure', 'good'],
  answered: ['ignored', 'good'],
  /** 429. */
  limited: ['ignored', 'none'],
  /** A policy of this process below. */
  refused: ['rejected', 'none'],
  /** The caller's deadline, much shorter than the timeout. */
  hasty: ['cancelled', 'given_up'],
  cancelled: ['cancelled', 'given_up'],
} satisfies Record<string, readonly [Outcome, ReferenceResult]>;
type ResultName = keyof typeof RESULTS;

/** Those that come when a call ends by itself, not by the clock. */
const ENDED = [
  'success',
  'failure',
  'beyond',
  'answered',
  'limited',
  'refused',
  'cancelled',
] as const;
type Ended = (typeof ENDED)[number];

const pick = fc.nat({ max: 5 });
const ended = <K extends Ended>(how: K) => fc.record({ do: fc.constant(how), pick });
const passed = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, OPEN_MS - 1, OPEN_MS, OPEN_MS + 1) },
  { weight: 1, arbitrary: fc.constantFrom(TIMEOUT_MS, 86_400_000) },
);
const command = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      within: fc.constantFrom(undefined, 'hasty' as const, 'hung' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('call too late' as const) }) },
  // As many calls that fail as open a closed circuit, while those before them go on.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('trip' as const) }) },
  // The time of an open circuit passes, and a call comes.
  { weight: 3, arbitrary: fc.record({ do: fc.constant('probe' as const) }) },
  // And succeeds, while calls from before go on.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recover' as const) }) },
  // Somebody isolates it, and the time of that passes without a call.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('isolate briefly' as const) }) },
  { weight: 3, arbitrary: ended('success' as const) },
  { weight: 2, arbitrary: ended('failure' as const) },
  { weight: 6, arbitrary: fc.constantFrom(...ENDED.slice(2)).chain(ended) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('advance' as const, 'jump' as const), ms: passed }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('isolate' as const),
      ms: fc.constantFrom(1, 700, 5_000, 60_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

const STATES = [
  ...['closed', 'open', 'open_over', 'half_open', 'half_open_full'],
  ...['isolated', 'isolated_over'],
];
const OF_THE_STATE = Object.keys(RESULTS);
const EVENTS = [
  ...['call', 'call too late', 'call without a place', 'advance', 'jump', 'isolate', 'release'],
  ...OF_THE_STATE,
  ...OF_THE_STATE.map((result) => `late ${result}`),
];

/** A state that lets no calls in has none of its own under way. */
const HAS_CALLS = new Set(['closed', 'half_open', 'half_open_full']);
/** Only what the circuit lets in asks for a place; the failure that opened it has freed one. */
const LETS_CALLS_IN = new Set(['closed', 'half_open', 'isolated_over']);

function isReachable(state: string, event: string): boolean {
  if (event === 'call without a place') return LETS_CALLS_IN.has(state);
  return HAS_CALLS.has(state) || !OF_THE_STATE.includes(event);
}

const REACHABLE = STATES.flatMap((state) =>
  EVENTS.filter((event) => isReachable(state, event)).map((event) => `${state} × ${event}`),
);

interface Running {
  readonly era: number;
  readonly dueAt: number;
  /** What ends it when its time is over. */
  readonly within: 'timeout' | 'hasty' | 'hung';
  readonly caller: AbortController;
  resolve(value: string): void;
  reject(error: unknown): void;
}

const BEYOND = { error_code: 'CIRCUIT_OPEN', message: 'm', context: { dependency: 'ldap' } };
const ERRORS: Record<Exclude<Ended, 'success' | 'cancelled'>, () => unknown> = {
  failure: () => new DependencyUnavailableError('catalog'),
  beyond: () => decodeErrorBody(503, { get: () => null }, JSON.stringify(BEYOND)),
  answered: () => new InvalidRequestError('no'),
  limited: () => new RateLimitError('slow down'),
  refused: () => new BulkheadFullError('inner'),
};

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
    const { resilience, clock, events } = testResilience({ metrics: false });
    const { failures, openMs, calls, successes } = options;
    this.#catalog = resilience.dependency('catalog', {
      timeoutMs: TIMEOUT_MS,
      retry: false,
      bulkhead: { concurrent: PLACES, queue: 0 },
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
    if ('pick' in command) this.#end(command.do as Ended, command.pick);
    else if (command.do === 'trip') {
      for (let i = 0; i < this.#options.failures; i++) {
        await this.run({ do: 'call', within: undefined });
        await this.run({ do: 'failure', pick: this.#running.length - 1 });
      }
    } else if (command.do === 'probe') {
      await this.run({ do: 'advance', ms: OPEN_MS });
      await this.run({ do: 'call', within: undefined });
    } else if (command.do === 'recover') {
      await this.run({ do: 'probe' });
      await this.run({ do: 'success', pick: this.#running.length - 1 });
    } else if (command.do === 'isolate briefly') {
      await this.run({ do: 'isolate', ms: 1 });
      await this.run({ do: 'advance', ms: 1 });
    } else {
      this.#note(command.do);
      if (command.do === 'call') this.#call(now, command.within);
      if (command.do === 'call too late') this.#callTooLate();
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

  #call(now: number, within: 'hasty' | 'hung' | undefined): void {
    const before = this.#reference.state(now);
    const era = this.#reference.call(now);
    const expected = era !== undefined && this.#running.length < PLACES;
    const ms = within === undefined ? TIMEOUT_MS : DEADLINES[within];
    const caller = new AbortController();
    let running: Running | undefined;
    const answer = this.#catalog.execute(
      () =>
        new Promise<string>((resolve, reject) => {
          assert.ok(era !== undefined, 'a call was let in that the reference refuses');
          running = { era, dueAt: now + ms, within: within ?? 'timeout', caller, resolve, reject };
          this.#running.push(running);
        }),
      {
        signal: caller.signal,
        ...(within === undefined ? {} : { deadline: Deadline.after(ms, this.#clock) }),
      },
    );
    answer.catch(() => {});
    assert.equal(running !== undefined, expected, 'a call was refused, or let in, by mistake');
    if (!expected) this.#expect('rejected');
    if (expected || era === undefined) return;
    this.#see(`${before} × call without a place`);
    this.#reference.result(era, 'none', now);
  }

  /** Refused for want of time before the circuit is asked: it stays as it is. */
  #callTooLate(): void {
    const deadline = Deadline.after(0, this.#clock);
    const answer = this.#catalog.execute(() => assert.fail('sent too late'), { deadline });
    answer.catch(() => {});
    this.#expect('rejected');
  }

  #end(how: Ended, pick: number): void {
    if (this.#running.length === 0) return;
    const [running] = this.#running.splice(pick % this.#running.length, 1) as [Running];
    this.#result(running, how, this.#clock.now());
    if (how === 'success') running.resolve('item');
    else if (how === 'cancelled') running.caller.abort();
    else running.reject(ERRORS[how]());
  }

  #timeOut(until: number, at: (running: Running) => number): void {
    const due = this.#running.filter(({ dueAt }) => dueAt <= until);
    this.#running = this.#running.filter(({ dueAt }) => dueAt > until);
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const running of due) this.#result(running, running.within, at(running));
  }

  #result(running: Running, name: ResultName, now: number): void {
    const [word, result] = RESULTS[name];
    this.#note(this.#reference.isLate(running.era) ? `late ${name}` : name, now);
    this.#expect(word);
    this.#reference.result(running.era, result, now);
  }

  #note(event: string, now = this.#clock.now()): void {
    this.#see(`${this.#reference.state(now)} × ${event}`);
  }

  #see(pair: string): void {
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
