/**
 * Every metric name this package owns, once, beside those of `@breakwater/telemetry`.
 *
 * @module
 */
import { METRICS as TELEMETRY } from '@breakwater/telemetry/core';

/** Prometheus metric names. */
export const METRICS = {
  ...TELEMETRY,
  /** Spans given up before the collector had them, by reason. */
  spansDropped: 'otel_spans_dropped_total',
  /** Spans the collector has acknowledged. */
  spansExported: 'otel_spans_exported_total',
  /** Spans waiting for the collector. */
  spansQueued: 'otel_spans_queued',
} as const;
