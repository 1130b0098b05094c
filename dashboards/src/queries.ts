/**
 * Queries of panels, one function a data source.
 *
 * @module
 */
import { DataqueryBuilder as LokiBuilder } from '@grafana/grafana-foundation-sdk/loki';
import {
  DataqueryBuilder as PrometheusBuilder,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { SOURCES, type SourceName } from './sources.ts';

/** One query as a panel holds it; the panel gives it its `refId`. */
export interface Query {
  readonly source: SourceName;
  build(refId: string): { _implementsDataqueryVariant(): void };
}

export interface PrometheusOptions {
  /** Grafana's legend template; every label in it must exist. */
  readonly legend?: string;
  /** One value for the range's end, for tables and stats over `$__range`. */
  readonly instant?: boolean;
  /** Ask for exemplars, the way to traces. */
  readonly exemplar?: boolean;
  readonly format?: 'table' | 'heatmap';
}

export function promql(expr: string, options: PrometheusOptions = {}): Query {
  return {
    source: 'prometheus',
    build(refId) {
      const query = new PrometheusBuilder()
        .refId(refId)
        .datasource(SOURCES.prometheus)
        .expr(expr)
        .exemplar(options.exemplar ?? false);
      if (options.legend !== undefined) query.legendFormat(options.legend);
      if (options.format === 'table') query.format(PromQueryFormat.Table);
      if (options.format === 'heatmap') query.format(PromQueryFormat.Heatmap);
      return (options.instant ? query.instant() : query.range()).build();
    },
  };
}

/**
 * The worst of each objective: an objective stands for itself, as a user's journey does, or it holds
 * for each service alone, and then its samples name the service. Its legend is `{{objective}}`.
 */
export function byObjective(worst: 'min' | 'max', metric: string): string {
  const named = `label_join(${metric}, "objective", " ", "sloth_slo", "service_name")`;
  return `${worst} by (sloth_slo, objective) (${named})`;
}

/** Log lines, or a metric made of them where a legend is given. */
export function logql(expr: string, options: { legend?: string; maxLines?: number } = {}): Query {
  return {
    source: 'loki',
    build(refId) {
      const query = new LokiBuilder()
        .refId(refId)
        .datasource(SOURCES.loki)
        .expr(expr)
        .queryType('range')
        .maxLines(options.maxLines ?? 100);
      if (options.legend !== undefined) query.legendFormat(options.legend);
      return query.build();
    },
  };
}

/** A trace by its id; the SDK has no builder for Jaeger. */
export function jaegerTrace(traceId: string): Query {
  return {
    source: 'jaeger',
    build: (refId) => withoutMarker({ refId, datasource: SOURCES.jaeger, query: traceId }),
  };
}

function withoutMarker(query: object) {
  return query as { _implementsDataqueryVariant(): void };
}
