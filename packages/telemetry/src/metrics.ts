/**
 * The prom-client registry of this process, in OpenMetrics, with exemplars.
 *
 * @module
 */
import {
  type Counter,
  collectDefaultMetrics,
  type Histogram,
  Registry,
  type RegistryContentType,
} from 'prom-client';
import { exemplar, type Labels } from './exemplar.ts';

/** A registry for one of several apps of a process. prom-client renders exemplars in OpenMetrics only. */
export function createRegistry(): Registry<RegistryContentType> {
  const made: Registry<RegistryContentType> = new Registry();
  made.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return made;
}

/** The registry of the process: what belongs to no app, and the apps that are alone in theirs. */
export const registry: Registry<RegistryContentType> = createRegistry();

/**
 * Add process, heap, GC and event-loop metrics to a registry, once.
 *
 * @param register default: that of the process.
 */
export function collectProcessMetrics(register: Registry<RegistryContentType> = registry): void {
  if (register.getSingleMetric('process_cpu_user_seconds_total')) return;
  collectDefaultMetrics({ register: register as Registry, eventLoopMonitoringPrecision: 10 });
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
