/**
 * A dependency in a test, with what its calls leave: spans, lines, metrics.
 *
 * @module
 */
import type { DependencyOptions } from '../options.ts';
import { takeSpans } from '../telemetry/recorded-spans.ts';
import { ScriptedDependency, testResilience } from './index.ts';

/** Two failures in a row open the circuit for a second. */
export const TWO_FAILURES: DependencyOptions = {
  idempotent: true,
  timeoutMs: 500,
  retry: { attempts: 2, backoff: { initialMs: 10, jitter: 'none' } },
  breaker: { trip: { kind: 'consecutive', failures: 2 }, openMs: 1_000 },
};

/** Declares `catalog`, behind which a provider gives `item` until it is told otherwise. */
export function tracedDependency(options: DependencyOptions = {}) {
  takeSpans();
  const telemetry = testResilience();
  const catalog = telemetry.resilience.dependency('catalog', options);
  const provider = new ScriptedDependency<string>(telemetry.clock, [{ value: 'item' }]);
  return { ...telemetry, telemetry, catalog, provider };
}
