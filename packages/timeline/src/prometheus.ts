/**
 * Metrics from Prometheus' query API.
 *
 * @module
 */

import { ask } from './backend-error.ts';
import { worstOf } from './embedded/snapshot.ts';
import type { BreakerSeries, ServiceTraffic, TimeRange } from './model.ts';
import { READ_METRICS } from './names.ts';
import type { Findings, MetricSource } from './sources.ts';

/** What every response of the query API has around its data. */
interface Envelope<T> {
  readonly status: string;
  readonly data: T;
  /** What Prometheus says when a result may lack something. */
  readonly warnings?: readonly string[] | null;
}

interface Vector {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly value: readonly [number, string];
  }[];
}

interface Matrix {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

type ExemplarSeries = readonly {
  readonly seriesLabels: Record<string, string>;
  readonly exemplars: readonly {
    readonly labels: Record<string, string>;
    readonly timestamp: number;
  }[];
}[];

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
  async function query<D, T>(
    path: string,
    parameters: Record<string, string>,
    read: (data: D) => readonly T[],
  ): Promise<Findings<T>> {
    const url = `${baseUrl}/api/v1/${path}?${new URLSearchParams(parameters)}`;
    const findings = await ask({
      backend: 'Prometheus',
      url,
      read: (json): Findings<T> => {
        const { status, data, warnings } = json as Envelope<D>;
        if (status !== 'success') throw new TypeError('no success');
        const found = read(data);
        return warnings && warnings.length > 0
          ? { found, incomplete: `Prometheus says: ${warnings.join('; ')}.` }
          : { found };
      },
    });
    return findings ?? { found: [] };
  }

  async function overTime(expression: string, { fromMs, toMs }: TimeRange, stepMs: number) {
    const parameters = {
      query: expression,
      start: String(fromMs / 1_000),
      end: String(toMs / 1_000),
      step: String(stepMs / 1_000),
    };
    const { found } = await query('query_range', parameters, ({ result }: Matrix) =>
      result.map(({ metric, values }) => ({
        labels: labelsOf(metric),
        values: new Map(values.map(([seconds, text]) => [seconds * 1_000, Number(text)])),
      })),
    );
    return found;
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
    query: (selector) =>
      query('query', { query: selector }, ({ result }: Vector) =>
        result.map(({ metric, value }) => ({ labels: labelsOf(metric), value: Number(value[1]) })),
      ),
    exemplars: (selector, { fromMs, toMs }) =>
      query(
        'query_exemplars',
        { query: selector, start: String(fromMs / 1000), end: String(toMs / 1000) },
        (data: ExemplarSeries) =>
          data.flatMap(({ seriesLabels, exemplars }) =>
            exemplars.map(({ labels, timestamp }) => ({
              metric: labelsOf(seriesLabels).__name__ ?? '',
              labels: seriesLabels,
              traceId: labels.trace_id ?? '',
              timeMs: timestamp * 1000,
            })),
          ),
      ),
  };
}

/** @throws {TypeError} when they are none */
function labelsOf(value: Record<string, string>): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw new TypeError('no labels');
  return value;
}
