/**
 * Counts what dependencies do in a registry of prom-client.
 *
 * @module
 */
import { type MetricsRegistry, registry as processRegistry } from '@breakwater/telemetry';
import type { Listener } from '../events.ts';
import type { Measurable, Metrics } from '../metrics.ts';
import { DependencyMetrics } from './dependency-metrics.ts';
import { familiesIn } from './families.ts';

/** Metrics in one registry. Made by {@link prometheusMetrics}. */
export class PrometheusMetrics implements Metrics {
  readonly registry: MetricsRegistry;

  constructor(registry: MetricsRegistry) {
    this.registry = registry;
  }

  watch(dependency: Measurable): Listener {
    const families = familiesIn(this.registry);
    families.measure(dependency);
    return new DependencyMetrics(families, {
      dependency: dependency.name,
      hasBreaker: dependency.circuitState !== undefined,
    });
  }
}

/**
 * Enter the metrics of this package in a registry.
 *
 * @param registry must render OpenMetrics, as that of `createRegistry()` of `@breakwater/telemetry`
 *   does: the metrics have exemplars. Default: the registry of the process.
 * @example
 * const resilience = new Resilience({ metrics: prometheusMetrics() });
 */
export function prometheusMetrics(registry: MetricsRegistry = processRegistry): PrometheusMetrics {
  return new PrometheusMetrics(registry);
}
