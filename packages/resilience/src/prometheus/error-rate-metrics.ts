/**
 * The metrics of error-rate monitors.
 *
 * @module
 */

import type { MetricsRegistry } from '@breakwater/telemetry';
import { Gauge, type Registry } from 'prom-client';
import type { ErrorRateMonitor, ErrorRateSnapshot } from '../error-rate-monitor.ts';
import { METRICS } from '../names.ts';

/** A monitor and what it watches: a dependency, or undefined for the service itself. */
export type Watched = readonly [dependency: string | undefined, monitor: ErrorRateMonitor];

/**
 * Show the windows of monitors in a registry, in the place of those that were shown there before.
 * A dependency's series has the label `dependency`; the service's own has none.
 *
 * @param watched asked at each scrape, so that a dependency that is declared later is there too.
 */
export function exportErrorRates(
  registry: MetricsRegistry,
  watched: () => Iterable<Watched>,
): void {
  const gauge = (name: string, help: string, read: (snapshot: ErrorRateSnapshot) => number) => {
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help,
      labelNames: ['dependency'],
      registers: [registry as Registry],
      collect() {
        for (const [dependency, monitor] of watched()) {
          this.set(dependency === undefined ? {} : { dependency }, read(monitor.snapshot()));
        }
      },
    });
  };
  gauge(METRICS.errorRate, 'Share of failed requests in the window.', (at) => at.error_rate);
  gauge(METRICS.errorRateRequests, 'Requests in the window.', (at) => at.total_requests);
  gauge(METRICS.errorRateErrors, 'Failed requests in the window.', (at) => at.errors);
  gauge(METRICS.errorRateUnhealthy, '1 while it is unhealthy.', (at) => (at.is_unhealthy ? 1 : 0));
}
