/**
 * The metrics of this package in one registry. All dependencies of a process share them.
 *
 * @module
 */
import { CounterFamily, DurationFamily, type MetricsRegistry } from '@breakwater/telemetry';
import { Gauge, type Registry } from 'prom-client';
import type { Measurable } from '../metrics.ts';
import { CIRCUIT_STATES, METRICS } from '../names.ts';

/** Every metric of this package but those of {@link ErrorRateMonitor}. */
export class Families {
  readonly calls: CounterFamily;
  readonly rejections: CounterFamily;
  readonly transitions: CounterFamily;
  readonly retries: CounterFamily;
  readonly retriesSkipped: CounterFamily;
  readonly fallbacks: CounterFamily;
  readonly listenerErrors: CounterFamily;
  readonly executionDuration: DurationFamily;
  readonly attemptDuration: DurationFamily;
  readonly #measured = new Map<string, Measurable>();

  constructor(registry: MetricsRegistry) {
    const counter = (name: string, help: string, ...labels: string[]) =>
      new CounterFamily(registry, name, help, labels);
    this.calls = counter(METRICS.calls, 'Executions by outcome.', 'dependency', 'outcome');
    this.rejections = counter(
      METRICS.rejections,
      'Attempts refused before anything was sent.',
      'dependency',
      'reason',
    );
    this.transitions = counter(
      METRICS.breakerTransitions,
      'Changes of state of a circuit.',
      'breaker',
      'from',
      'to',
    );
    this.retries = counter(METRICS.retries, 'Repeated attempts.', 'dependency', 'reason');
    this.retriesSkipped = counter(
      METRICS.retriesSkipped,
      'Retries that the error would have allowed and something else forbade.',
      'dependency',
      'reason',
    );
    this.fallbacks = counter(
      METRICS.fallbacks,
      'Calls answered by something else, by its source; none where nothing had a value.',
      'dependency',
      'source',
    );
    this.listenerErrors = counter(
      METRICS.listenerErrors,
      'Telemetry listeners that threw.',
      'dependency',
    );
    this.executionDuration = new DurationFamily(
      registry,
      METRICS.executionDuration,
      'Duration of an execution with its retries and waits, without its fallbacks.',
    );
    this.attemptDuration = new DurationFamily(
      registry,
      METRICS.attemptDuration,
      'Duration of an attempt.',
    );
    this.#gauges(registry as Registry);
  }

  /** Adds a dependency to what the gauges show. */
  measure(measurable: Measurable): void {
    this.#measured.set(measurable.name, measurable);
  }

  #gauges(registry: Registry): void {
    this.#breakerStatus(registry);
    const gauge = (
      name: string,
      help: string,
      read: (measurable: Measurable) => number | undefined,
    ) => {
      const measured = this.#measured;
      new Gauge({
        name,
        help,
        labelNames: ['dependency'],
        registers: [registry],
        collect() {
          for (const [dependency, measurable] of measured) {
            const value = read(measurable);
            if (value !== undefined) this.set({ dependency }, value);
          }
        },
      });
    };
    gauge(METRICS.bulkheadActive, 'Attempts under way.', (from) => from.bulkhead?.active);
    gauge(METRICS.bulkheadQueued, 'Attempts that wait for their turn.', (from) => {
      return from.bulkhead?.queued;
    });
    gauge(METRICS.bulkheadLimit, 'Attempts that may be under way at once.', (from) => {
      return from.bulkhead?.limit;
    });
    gauge(METRICS.bulkheadQueueLimit, 'Attempts that may wait.', (from) => {
      return from.bulkhead?.queueLimit;
    });
    gauge(METRICS.retryBudgetRemaining, 'Retries the budget allows now.', (from) => {
      return from.retryBudgetRemaining();
    });
    gauge(METRICS.attemptsAbandoned, 'Attempts given up on that still run.', (from) => {
      return from.abandoned;
    });
  }

  #breakerStatus(registry: Registry): void {
    const measured = this.#measured;
    new Gauge({
      name: METRICS.breakerStatus,
      help: '1 for the state a circuit is in; half_open from when the next call would be a probe.',
      labelNames: ['breaker', 'state'],
      registers: [registry],
      collect() {
        for (const [breaker, measurable] of measured) {
          const current = measurable.circuitState;
          if (current === undefined) continue;
          for (const state of CIRCUIT_STATES) {
            this.set({ breaker, state }, state === current ? 1 : 0);
          }
        }
      },
    });
  }
}

const families = new WeakMap<MetricsRegistry, Families>();

/** The metrics of this package in a registry, entered on first use. */
export function familiesIn(registry: MetricsRegistry): Families {
  const existing = families.get(registry);
  // A registry that was cleared has lost them.
  if (existing && registry.getSingleMetric(METRICS.calls)) return existing;
  const entered = new Families(registry);
  families.set(registry, entered);
  return entered;
}
