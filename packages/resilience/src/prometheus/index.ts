/**
 * Metrics of dependencies for Prometheus, through prom-client. Needs `@breakwater/telemetry` and
 * `prom-client`, which the rest of this package does not.
 *
 * @module
 */
export { exportErrorRates, type Watched } from './error-rate-metrics.ts';
export { PrometheusMetrics, prometheusMetrics } from './prometheus-metrics.ts';
