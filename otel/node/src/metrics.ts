/**
 * The prom-client registry of this process, in OpenMetrics, with exemplars.
 *
 * @module
 */
import { trace } from '@opentelemetry/api';
import {
  type Counter,
  collectDefaultMetrics,
  type Histogram,
  Registry,
  type RegistryContentType,
} from 'prom-client';
import { ATTRIBUTES } from './names.ts';

/** The registry behind `/metrics`. prom-client renders exemplars in OpenMetrics only. */
export const registry: Registry<RegistryContentType> = new Registry();
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);

/** Adds process, heap, GC and event-loop metrics; once a process. */
export function collectProcessMetrics(): void {
  if (registry.getSingleMetric('process_cpu_user_seconds_total')) return;
  collectDefaultMetrics({ register: registry as Registry, eventLoopMonitoringPrecision: 10 });
}

/** Labels of one series. */
export type Labels = Readonly<Record<string, string | number>>;

/** One exemplar a series in this time, in milliseconds: the scrape interval. */
export const EXEMPLAR_INTERVAL_MS = 5_000;

/** When each series had its last exemplar, in milliseconds since the epoch. */
const lastExemplar = new Map<string, number>();

/**
 * The exemplar for an observation, or undefined: none without a sampled span, and at most one a
 * series an interval, since tail sampling keeps every trace an exemplar names. The active span is
 * marked so that the collector knows.
 */
export function exemplar(
  metric: string,
  labels: Labels,
  now: number = Date.now(),
): { trace_id: string; span_id: string } | undefined {
  let series = metric;
  for (const name in labels) series += `|${labels[name]}`;
  const last = lastExemplar.get(series);
  if (last !== undefined && now - last < EXEMPLAR_INTERVAL_MS) return undefined;
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  if ((traceFlags & 1) === 0) return undefined;
  lastExemplar.set(series, now);
  span.setAttribute(ATTRIBUTES.exemplar, true);
  return { trace_id: traceId, span_id: spanId };
}

/** Adds 1 to a counter made with `enableExemplars`, with an exemplar when one is due. */
export function countWithExemplar(counter: Counter, name: string, labels: Labels): void {
  const exemplarLabels = exemplar(name, labels);
  // The key must be absent, not undefined: prom-client would render the word.
  counter.inc(exemplarLabels ? { labels, value: 1, exemplarLabels } : { labels, value: 1 });
}

/** Observes a value in a histogram made with `enableExemplars`, with an exemplar when one is due. */
export function observeWithExemplar(
  histogram: Histogram,
  name: string,
  labels: Labels,
  value: number,
): void {
  const exemplarLabels = exemplar(name, labels);
  histogram.observe(exemplarLabels ? { labels, value, exemplarLabels } : { labels, value });
}
