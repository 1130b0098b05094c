/**
 * Metrics from Prometheus' query API.
 *
 * @module
 */
import { worstOf } from './embedded/snapshot.ts';
import type { BreakerSeries, ServiceTraffic, TimeRange } from './model.ts';
import { READ_METRICS } from './names.ts';
import { fetchJson, type MetricSource } from './sources.ts';

interface Vector {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: readonly [number, string];
    }[];
  };
}

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly values: readonly (readonly [number, string])[];
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

/** Three scrapes: the least time over which a rate is taken, in milliseconds. */
const MIN_WINDOW_MS = 15_000;

/** Metrics of Prometheus, and what a page draws of them. */
export interface PrometheusSource extends MetricSource {
  /** See {@link LiveSources.traffic}. */
  traffic(range: TimeRange, stepMs: number): Promise<ServiceTraffic[]>;
  /** See {@link LiveSources.breakers}. */
  breakers(range: TimeRange, stepMs: number): Promise<BreakerSeries[]>;
}

/** Reads series and exemplars from Prometheus. */
export function prometheus(baseUrl: string): PrometheusSource {
  async function overTime(query: string, { fromMs, toMs }: TimeRange, stepMs: number) {
    const parameters = new URLSearchParams({
      query,
      start: String(fromMs / 1_000),
      end: String(toMs / 1_000),
      step: String(stepMs / 1_000),
    });
    const answer = await fetchJson('Prometheus', `${baseUrl}/api/v1/query_range?${parameters}`);
    return (answer as Matrix).data.result.map(({ metric, values }) => ({
      labels: metric,
      values: new Map(values.map(([seconds, text]) => [seconds * 1_000, Number(text)])),
    }));
  }

  return {
    async traffic(range, stepMs) {
      const { requestDuration } = READ_METRICS;
      const window = `${Math.round(Math.max(stepMs, MIN_WINDOW_MS) / 1_000)}s`;
      const rate = (series: string, by = '') =>
        `sum by (service_name${by}) (rate(${requestDuration}_${series}[${window}]))`;
      const [rates, errors, p99s] = await Promise.all([
        overTime(rate('count'), range, stepMs),
        overTime(rate('count{http_response_status_code=~"5.."}'), range, stepMs),
        overTime(`histogram_quantile(0.99, ${rate('bucket', ', le')})`, range, stepMs),
      ]);
      const of = (found: typeof rates, service: string) =>
        found.find(({ labels }) => labels.service_name === service)?.values;
      return rates.map(({ labels, values }) => {
        const service = labels.service_name ?? '';
        const points = [...values].map(([timeMs, ratePerS]) => {
          const p99S = of(p99s, service)?.get(timeMs);
          return {
            timeMs,
            ratePerS,
            serverErrorsPerS: of(errors, service)?.get(timeMs) ?? 0,
            p99S: Number.isNaN(p99S) ? undefined : p99S,
          };
        });
        return { service, points };
      });
    },
    async breakers(range, stepMs) {
      const found = await overTime(`${READ_METRICS.breakerStatus} > 0`, range, stepMs);
      const circuits = Map.groupBy(found, ({ labels }) =>
        [labels.service_name, labels.instance, labels.breaker].join(' '),
      );
      return [...circuits.values()].map((states) => {
        const { service_name: service = '', instance = '', breaker = '' } = states[0]?.labels ?? {};
        const times = new Set(states.flatMap(({ values }) => [...values.keys()]));
        const points = [...times]
          .sort((a, b) => a - b)
          .map((timeMs) => {
            const present = states.filter(({ values }) => values.has(timeMs));
            const state = worstOf(new Set(present.map(({ labels }) => labels.state ?? '')));
            return { timeMs, state };
          });
        return { service, instance, breaker, points };
      });
    },
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
