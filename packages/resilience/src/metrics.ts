/**
 * What metrics are made of: the events of a dependency, and the numbers it holds.
 *
 * @module
 */
import type { Listener } from './events.ts';
import type { CircuitState } from './names.ts';

/** What is read from a dependency when metrics are scraped. */
export interface Measurable {
  readonly name: string;
  /** The state of its circuit; undefined where it has none. */
  readonly circuitState: CircuitState | undefined;
  readonly bulkhead:
    | {
        readonly active: number;
        readonly queued: number;
        readonly limit: number;
        readonly queueLimit: number;
      }
    | undefined;
  /** Undefined where no budget bounds the retries. */
  retryBudgetRemaining(): number | undefined;
  /** Attempts given up on that still run. */
  readonly abandoned: number;
}

/**
 * Makes metrics of dependencies. `prometheusMetrics` of `@breakwater/resilience/prometheus` is one;
 * for another system of metrics, write your own.
 */
export interface Metrics {
  /** Called once for each dependency; the listener is told its events. */
  watch(dependency: Measurable): Listener;
}
