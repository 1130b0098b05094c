/**
 * Whatever happens: metrics, log lines and span events tell the same story, and it is what happened.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DependencyUnavailableError,
  decodeErrorBody,
  RateLimitError,
} from '@breakwater/errors';
import fc from 'fast-check';
import { Deadline } from '../deadline.ts';
import type { Dependency } from '../dependency.ts';
import { CircuitOpenError } from '../errors.ts';
import {
  ATTRIBUTES,
  EVENTS,
  FIELDS,
  METRICS,
  OUTCOMES,
  REJECTION_REASONS,
  RETRY_REASONS,
  SKIP_REASONS,
  SOURCES,
  TRANSITIONS,
} from '../names.ts';
import {
  metricValue,
  ScriptedDependency,
  type ScriptStep,
  testResilience,
} from '../testing/index.ts';
import { inSpan, startTracing, takeSpans } from './recorded-spans.ts';

before(startTracing);

const RUNS = 250;
/** What a peer answers whose own dependency is down. */
const NESTED = JSON.stringify({
  error_code: 'DEPENDENCY_UNAVAILABLE',
  message: 'down',
  context: { dependency: 'ldap' },
});

const step = fc.constantFrom<ScriptStep<string>>(
  { value: 'item' },
  { value: 'item', afterMs: 50 },
  { error: () => new BadGatewayError('catalog') },
  { error: () => new DependencyUnavailableError('catalog', { delivery: 'not_sent' }), afterMs: 20 },
  { error: () => new DependencyUnavailableError('catalog', { retryAfterS: 1 }) },
  { error: () => new RateLimitError('slow down') },
  { error: () => new ConflictError('no') },
  { error: () => decodeErrorBody(503, { get: () => null }, NESTED) },
  { error: () => new CircuitOpenError('inner') },
  { error: () => new TypeError('fetch failed'), afterMs: 90 },
  'hang',
  'ignore-signal',
);

const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      idempotent: fc.boolean(),
      deadlineMs: fc.constantFrom(undefined, 0, 30, 120, 5_000),
      fallback: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), pick: fc.nat(9) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 30, 100, 500, 3_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('isolate' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

class Story {
  readonly telemetry;
  readonly #catalog: Dependency;
  readonly #provider: ScriptedDependency<string>;
  readonly #callers: AbortController[] = [];
  readonly #calls: Promise<unknown>[] = [];

  constructor(script: ScriptStep<string>[], listenerThrows: () => boolean) {
    takeSpans();
    const throwing = () => {
      if (listenerThrows()) throw new Error('listener');
    };
    this.telemetry = testResilience({
      listeners: [{ onCall: throwing, onTransition: throwing, onRetry: throwing }],
    });
    this.#catalog = this.telemetry.resilience.dependency('catalog', {
      timeoutMs: 100,
      retry: { attempts: 3, backoff: { initialMs: 20 }, budget: { ratio: 0.5, minPerSecond: 0.1 } },
      breaker: {
        trip: { kind: 'consecutive', failures: 3 },
        openMs: 300,
        halfOpen: { calls: 2, successes: 2 },
      },
      bulkhead: { concurrent: 2, queue: 2, longestWaitMs: 60 },
    });
    this.#provider = new ScriptedDependency(this.telemetry.clock, script);
  }

  async run(command: Command): Promise<void> {
    if (command.do === 'advance') await this.telemetry.clock.advance(command.ms);
    if (command.do === 'abort') this.#callers[command.pick % this.#callers.length]?.abort();
    if (command.do === 'isolate') {
      await inSpan('by hand', async () =>
        this.#catalog.isolate({ by: 'test', why: 'test', forMs: 200 }),
      );
    }
    if (command.do === 'release') {
      await inSpan('by hand', async () => this.#catalog.release({ by: 'test', why: 'test' }));
    }
    if (command.do === 'call') this.#call(command);
  }

  async end(): Promise<void> {
    await this.telemetry.clock.advance(120_000);
    await Promise.all(this.#calls);
    await this.#compare();
  }

  #call({ idempotent, deadlineMs, fallback }: Extract<Command, { do: 'call' }>): void {
    const caller = new AbortController();
    this.#callers.push(caller);
    const { clock } = this.telemetry;
    const calling = inSpan('request', () =>
      this.#catalog.execute(this.#provider.call, {
        idempotent,
        signal: caller.signal,
        deadline: deadlineMs === undefined ? undefined : Deadline.after(deadlineMs, clock),
        ...(fallback ? { fallback: [{ source: 'degraded', value: 'none' }] } : {}),
      }),
    );
    this.#calls.push(calling.catch(() => {}));
  }

  async #compare(): Promise<void> {
    const { registry, events, lines } = this.telemetry;
    const value = (name: string, labels = {}) => metricValue(registry, name, labels);
    const spanEvents = takeSpans().flatMap((span) => span.events);
    const onSpans = (name: string, attributes: Record<string, string>) =>
      spanEvents.filter(
        (event) =>
          event.name === name &&
          Object.entries(attributes).every(([key, given]) => event.attributes?.[key] === given),
      ).length;

    assert.equal(await value(METRICS.calls), this.#calls.length, 'outcomes sum to calls made');
    assert.equal(await value(`${METRICS.executionDuration}_count`), this.#calls.length);
    assert.equal(await value(`${METRICS.attemptDuration}_count`), this.#provider.seen.length);
    for (const outcome of OUTCOMES) {
      const told = events.calls.filter((call) => call.outcome === outcome).length;
      assert.equal(await value(METRICS.calls, { outcome }), told, outcome);
      assert.equal(await value(`${METRICS.executionDuration}_count`, { outcome }), told, outcome);
      const attempted = events.attempts.filter((attempt) => attempt.outcome === outcome).length;
      assert.equal(
        await value(`${METRICS.attemptDuration}_count`, { outcome }),
        attempted,
        outcome,
      );
    }
    for (const [from, to] of TRANSITIONS) {
      const counted = await value(METRICS.breakerTransitions, { from, to });
      const logged = lines.filter((line) => line.fields.from === from && line.fields.to === to);
      const attributes = { [ATTRIBUTES.from]: from, [ATTRIBUTES.to]: to };
      assert.equal(logged.length, counted, `${from} > ${to} logged`);
      assert.equal(onSpans(EVENTS.transition, attributes), counted, `${from} > ${to} on spans`);
    }
    for (const reason of REJECTION_REASONS) {
      const counted = await value(METRICS.rejections, { reason });
      assert.equal(onSpans(EVENTS.rejection, { [ATTRIBUTES.reason]: reason }), counted, reason);
    }
    for (const reason of RETRY_REASONS) {
      const counted = await value(METRICS.retries, { reason });
      assert.equal(onSpans(EVENTS.retry, { [ATTRIBUTES.reason]: reason }), counted, reason);
    }
    for (const reason of SKIP_REASONS) {
      const told = events.retriesSkipped.filter((skipped) => skipped.reason === reason).length;
      assert.equal(await value(METRICS.retriesSkipped, { reason }), told, reason);
    }
    for (const source of SOURCES.filter((each) => each !== 'primary')) {
      const counted = await value(METRICS.fallbacks, { source });
      assert.equal(onSpans(EVENTS.fallback, { [ATTRIBUTES.source]: source }), counted, source);
    }
    assert.equal(lines.length, new Set(lines.map(({ fields }) => fields)).size);
    assert.ok(lines.every(({ fields }) => fields[FIELDS.traceId] !== undefined));
    assert.equal(await value(METRICS.breakerStatus), 1, 'one-hot');
    assert.equal(await value(METRICS.bulkheadActive), 0);
    assert.equal(await value(METRICS.bulkheadQueued), 0);
    const ignoring = this.#provider.active;
    assert.equal(await value(METRICS.attemptsAbandoned), ignoring);
  }
}

test('metrics, log lines and span events agree over any sequence', async (t) => {
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(command, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.infiniteStream(fc.boolean()),
      async (script, commands, throws) => {
        const story = new Story(script, () => throws.next().value);
        for (const each of commands) await story.run(each);
        await story.end();
        const { events } = story.telemetry;
        for (const [kind, told] of Object.entries(events)) {
          for (const event of told as object[]) {
            const what = Object.entries(event)
              .filter(([key]) => ['outcome', 'reason', 'source'].includes(key))
              .map(([, word]) => `${kind} ${word}`);
            for (const word of what) seen[word] = (seen[word] ?? 0) + 1;
          }
        }
      },
    ),
    { numRuns: RUNS },
  );
  const expected = [
    ...OUTCOMES.map((outcome) => `calls ${outcome}`),
    ...REJECTION_REASONS.map((reason) => `rejections ${reason}`),
    ...RETRY_REASONS.map((reason) => `retries ${reason}`),
    ...SKIP_REASONS.filter((reason) => !['peer', 'retry_after'].includes(reason)).map(
      (reason) => `retriesSkipped ${reason}`,
    ),
    'fallbacks degraded',
  ];
  assert.deepEqual(
    expected.filter((word) => !seen[word]),
    [],
    'never generated',
  );
  t.diagnostic(JSON.stringify(seen));
});
