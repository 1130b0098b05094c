/**
 * What is compared: one call that succeeds, and one that is refused, through each of them.
 *
 * @module
 */
import { createRegistry } from '@breakwater/telemetry';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  fallback,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import CircuitBreaker from 'opossum';
import { type AttemptContext, type DependencyOptions, Resilience } from '../src/index.ts';
import { prometheusMetrics } from '../src/prometheus/index.ts';

/** One of those compared: makes `n` calls, one after the other. */
export interface Contestant {
  readonly name: string;
  readonly what: string;
  /** Times as many calls a round, for what is too quick for the clock of the CPU. */
  readonly times?: number;
  run(n: number): Promise<void>;
}

const answer = async (): Promise<number> => 1;

function calls(call: () => Promise<unknown>): (n: number) => Promise<void> {
  return async (n) => {
    for (let i = 0; i < n; i++) await call();
  };
}

function refusals(call: () => Promise<unknown>): (n: number) => Promise<void> {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      try {
        await call();
      } catch {
        continue;
      }
      throw new Error('a call that should be refused was let through');
    }
  };
}

/** The same five policies everywhere, as far as the contestant has them. */
const POLICIES: DependencyOptions = {
  timeoutMs: 2_000,
  idempotent: true,
  retry: { attempts: 3 },
  breaker: { trip: { kind: 'consecutive', failures: 5 }, openMs: 10_000 },
  bulkhead: { concurrent: 50, queue: 50 },
  fallback: [{ source: 'degraded', value: 0 }],
};

function cockatielPolicies() {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new ConsecutiveBreaker(5),
  });
  const policy = wrap(
    fallback(handleAll, 0),
    retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
    breaker,
    bulkhead(50, 50),
    timeout(2_000, TimeoutStrategy.Aggressive),
  );
  return { breaker, policy };
}

const ISOLATION = { by: 'bench', why: 'to be refused', forMs: 86_400_000 };

/** Ours with metrics, as a service has it, on a registry of its own. */
export function withMetrics(name: string, options: DependencyOptions = POLICIES) {
  return new Resilience({ metrics: prometheusMetrics(createRegistry()) }).dependency(name, options);
}

function withSpans() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = {
    export: (_: unknown, done: (result: { code: 0 }) => void) => done({ code: 0 }),
    shutdown: async () => {},
    forceFlush: async () => {},
  };
  const processor = new BatchSpanProcessor({ exporter } as never);
  const tracer = new TracerProvider({ spanProcessors: [processor] });
  trace.setGlobalTracerProvider(tracer);
  const dependency = withMetrics('spans', { ...POLICIES, spanPerAttempt: true });
  const request = trace.getTracer('bench').startSpan('request', {}, ROOT_CONTEXT);
  return (n: number) =>
    context.with(trace.setSpan(ROOT_CONTEXT, request), async () => {
      for (let i = 0; i < n; i++) await dependency.execute(answer);
    });
}

/** Those through which a call passes. The first is the base of the others. */
export function passing(): Contestant[] {
  const cockatiel = cockatielPolicies();
  const opossum = new CircuitBreaker(answer, { timeout: 2_000, capacity: 50 });
  const silent = new Resilience({ metrics: false, spanEvents: false });
  const plain = silent.dependency('silent', POLICIES);
  const metrics = withMetrics('metrics');
  const signal = async (attempt: AttemptContext) => (attempt.signal.aborted ? 0 : 1);
  return [
    { name: 'bare', what: 'await, and nothing else', times: 20, run: calls(answer) },
    {
      name: 'cockatiel',
      what: 'fallback, retry, breaker, bulkhead, timeout',
      run: calls(() => cockatiel.policy.execute(answer)),
    },
    { name: 'opossum', what: 'breaker, timeout, capacity', run: calls(() => opossum.fire()) },
    { name: 'ours', what: 'all five, no telemetry', run: calls(() => plain.execute(answer)) },
    { name: 'ours+metrics', what: '+ metrics', run: calls(() => metrics.execute(answer)) },
    {
      name: 'ours+signal',
      what: '+ metrics, and the function reads its signal',
      run: calls(() => metrics.execute(signal)),
    },
    { name: 'ours+spans', what: '+ metrics and a recorded span an attempt', run: withSpans() },
  ];
}

/** Those that refuse a call because their circuit is open. */
export async function refusing(): Promise<Contestant[]> {
  const { breaker } = cockatielPolicies();
  breaker.isolate();
  const opossum = new CircuitBreaker(answer, { timeout: 2_000 });
  opossum.open();
  const silent = new Resilience({ metrics: false, spanEvents: false });
  const open = { ...POLICIES, fallback: [] };
  const plain = silent.dependency('refusing', open);
  plain.isolate(ISOLATION);
  const metrics = withMetrics('refusing', open);
  metrics.isolate(ISOLATION);
  const reject = refusals(() => new Promise((_, fail) => queueMicrotask(() => fail(undefined))));
  return [
    { name: 'bare', what: 'a promise that rejects, caught', run: reject },
    { name: 'cockatiel', what: 'breaker alone', run: refusals(() => breaker.execute(answer)) },
    { name: 'opossum', what: 'breaker', run: refusals(() => opossum.fire()) },
    { name: 'ours', what: 'no telemetry', run: refusals(() => plain.execute(answer)) },
    { name: 'ours+metrics', what: '+ metrics', run: refusals(() => metrics.execute(answer)) },
  ];
}
