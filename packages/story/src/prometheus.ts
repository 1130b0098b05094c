/**
 * Metrics from Prometheus' query API.
 *
 * @module
 */
import { fetchJson, type MetricSource } from './sources.ts';

interface Vector {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: readonly [number, string];
    }[];
  };
}

interface ExemplarSeries {
  readonly data: readonly {
    readonly seriesLabels: Record<string, string>;
    readonly exemplars: readonly {
      readonly labels: Record<string, string>;
      readonly timestamp: number;
    }[];
  }[];
}

/** Reads series and exemplars from Prometheus. */
export function prometheus(baseUrl: string): MetricSource {
  return {
    async query(selector) {
      const parameters = new URLSearchParams({ query: selector });
      const answer = await fetchJson('Prometheus', `${baseUrl}/api/v1/query?${parameters}`);
      return (answer as Vector).data.result.map(({ metric, value }) => ({
        labels: metric,
        value: Number(value[1]),
      }));
    },
    async exemplars(selector, { fromMs, toMs }) {
      const parameters = new URLSearchParams({
        query: selector,
        start: String(fromMs / 1000),
        end: String(toMs / 1000),
      });
      const answer = await fetchJson(
        'Prometheus',
        `${baseUrl}/api/v1/query_exemplars?${parameters}`,
      );
      return (answer as ExemplarSeries).data.flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, timestamp }) => ({
          metric: seriesLabels.__name__ ?? '',
          labels: seriesLabels,
          traceId: labels.trace_id ?? '',
          timeMs: timestamp * 1000,
        })),
      );
    },
  };
}
