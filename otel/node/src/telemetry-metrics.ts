/**
 * What became of the spans, as metrics.
 *
 * @module
 */

import { registry as processRegistry } from '@breakwater/telemetry';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';
import { telemetry } from './running.ts';
import type { SpanCounts } from './span-queue.ts';

/** Registers span counters that read the SDK's queue at each scrape. */
export function collectSpanMetrics(
  counts: () => SpanCounts | undefined = () => telemetry()?.spans?.counts,
  register: Registry = processRegistry as Registry,
): void {
  if (register.getSingleMetric(METRICS.spansQueued)) return;
  const registers = [register];
  new Gauge({
    name: METRICS.spansQueued,
    help: 'Spans waiting for the collector.',
    registers,
    collect() {
      this.set(counts()?.queued ?? 0);
    },
  });
  new Counter({
    name: METRICS.spansExported,
    help: 'Spans the collector has acknowledged.',
    registers,
    collect() {
      this.reset();
      this.inc(counts()?.exported ?? 0);
    },
  });
  new Counter({
    name: METRICS.spansDropped,
    help: 'Spans given up before the collector had them, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      const dropped = counts()?.dropped;
      this.inc({ reason: 'queue_full' }, dropped?.queueFull ?? 0);
      this.inc({ reason: 'rejected' }, dropped?.rejected ?? 0);
      this.inc({ reason: 'retries_exhausted' }, dropped?.retriesExhausted ?? 0);
      this.inc({ reason: 'shutdown' }, dropped?.shutdown ?? 0);
    },
  });
}
