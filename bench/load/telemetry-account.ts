/**
 * What was written, sent and stored of spans, lines and samples: by the counters of those who did.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestStack } from '../../stack/e2e/test-stack.ts';

/** Sums of counters since each process started. */
export interface TelemetryCounts {
  readonly spans: Hops & { readonly dropped: number; readonly queued: number };
  readonly lines: Hops & { readonly lost: number };
  /** What the collector and the stores refused, failed or discarded. */
  readonly refused: number;
  /** What Prometheus could not take of what it scraped or was sent. */
  readonly samplesRefused: number;
}

/** One kind of telemetry on its way: services, collector in, collector out, store. */
interface Hops {
  readonly made: number;
  readonly accepted: number;
  readonly sent: number;
  readonly stored: number;
}

/** Reads every process's own page: exact values, where a query would give those of the last scrape. */
export async function readTelemetry(stack: TestStack): Promise<TelemetryCounts> {
  const backends = ['COLLECTOR_METRICS_PORT', 'LOKI_PORT', 'PROMETHEUS_PORT'];
  const addresses = [...backends.map((port) => stack.url(port)), ...serviceUrls(stack)];
  const [collector, loki, prometheus, ...services] = await Promise.all(
    addresses.map((url) => metricsPage(`${url}/metrics`)),
  );
  const ours = (series: RegExp) => services.reduce((sum, page) => sum + total(page, series), 0);
  const itsOwn = total(collector, /^otelcol_receiver_accepted_spans\{.*transport="grpc"/);
  const sentSpans = total(collector, /^otelcol_exporter_sent_spans\b/) - itsOwn;
  const storedLines = total(loki, /^loki_distributor_lines_received_total\b/);
  return {
    spans: {
      made: ours(/^otel_spans_exported_total\b/),
      accepted: total(collector, /^otelcol_receiver_accepted_spans\{.*transport="http"/),
      sent: sentSpans,
      // Jaeger answers for a batch once it stands in Badger.
      stored: sentSpans,
      dropped: ours(/^otel_spans_dropped_total\b/),
      queued: ours(/^otel_spans_queued\b/),
    },
    lines: {
      made: ours(/^log_lines_total\b/),
      accepted: total(collector, /^otelcol_receiver_accepted_log_records\b/),
      sent: total(collector, /^otelcol_exporter_sent_log_records\b/),
      stored: storedLines,
      lost: ours(/^log_lines_lost_total\b/),
    },
    refused:
      total(collector, /^otelcol_(receiver_(refused|failed)|exporter_(send|enqueue)_failed)_/) +
      total(collector, /^otelcol_processor_memory_limiter_refused_/) +
      total(loki, /^loki_discarded_samples_total\b/),
    samplesRefused:
      total(prometheus, /^prometheus_target_scrapes_(exceeded|sample)_/) +
      total(prometheus, /^prometheus_tsdb_(out_of_bound|too_old)_samples_total\b/),
  };
}

/** What is missing between one reading and the next; empty when everything arrived. */
export function missing(before: TelemetryCounts, after: TelemetryCounts): string[] {
  const gaps: string[] = [];
  for (const kind of ['spans', 'lines'] as const) {
    const made = after[kind].made - before[kind].made;
    for (const hop of ['accepted', 'sent', 'stored'] as const) {
      const there = after[kind][hop] - before[kind][hop];
      if (there !== made) gaps.push(`${made} ${kind} made, ${there} ${hop}`);
    }
  }
  const grown: [string, number][] = [
    ['spans dropped by services', after.spans.dropped - before.spans.dropped],
    ['spans still queued', after.spans.queued],
    ['lines lost by services', after.lines.lost - before.lines.lost],
    ['items refused or failed on the way', after.refused - before.refused],
    ['samples refused by Prometheus', after.samplesRefused - before.samplesRefused],
  ];
  return [...gaps, ...grown.filter(([, n]) => n !== 0).map(([what, n]) => `${n} ${what}`)];
}

/** Where the services are: those that Prometheus asks. */
function serviceUrls(stack: TestStack): string[] {
  const file = join(stack.root, '.stack/targets/services.json');
  const groups = JSON.parse(readFileSync(file, 'utf8')) as { targets: string[] }[];
  return groups.flatMap(({ targets }) => targets.map((target) => `http://${target}`));
}

async function metricsPage(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/** Sum of the series that match; 0 where there is none. */
function total(page: string | undefined, series: RegExp): number {
  let sum = 0;
  for (const line of page?.split('\n') ?? []) {
    // An exemplar may follow the value, behind a "#".
    if (series.test(line)) sum += Number(/^\w+(?:\{.*?\})? (\S+)/.exec(line)?.[1] ?? 0);
  }
  return sum;
}
