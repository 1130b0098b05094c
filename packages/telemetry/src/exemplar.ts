/**
 * Which trace stands for a series.
 *
 * @module
 */
import { trace } from '@opentelemetry/api';
import { ATTRIBUTES } from './names.ts';

/** Labels of one series. */
export type Labels = Readonly<Record<string, string | number>>;

/** The labels of an exemplar. */
export interface ExemplarLabels extends Record<string, string> {
  readonly trace_id: string;
  readonly span_id: string;
}

/** One exemplar a series in this time, in milliseconds: the scrape interval. */
export const EXEMPLAR_INTERVAL_MS = 5_000;

/**
 * Gives a series its exemplars: none without a sampled span, and at most one an interval, since
 * tail sampling keeps every trace an exemplar names. The active span is marked so that the
 * collector knows.
 */
export class ExemplarSlot {
  #last = -Infinity;

  /** The exemplar for an observation made now, in milliseconds since the epoch, if one is due. */
  take(now: number = Date.now()): ExemplarLabels | undefined {
    if (now - this.#last < EXEMPLAR_INTERVAL_MS) return undefined;
    const span = trace.getActiveSpan();
    if (!span?.isRecording()) return undefined;
    const { traceId, spanId, traceFlags } = span.spanContext();
    if ((traceFlags & 1) === 0) return undefined;
    this.#last = now;
    span.setAttribute(ATTRIBUTES.exemplar, true);
    return { trace_id: traceId, span_id: spanId };
  }
}

const slots = new Map<string, ExemplarSlot>();

/** {@link ExemplarSlot.take} for the series that a metric's name and labels make. */
export function exemplar(
  metric: string,
  labels: Labels,
  now: number = Date.now(),
): ExemplarLabels | undefined {
  let series = metric;
  for (const name in labels) series += `|${labels[name]}`;
  let slot = slots.get(series);
  if (!slot) {
    slot = new ExemplarSlot();
    slots.set(series, slot);
  }
  return slot.take(now);
}
