/**
 * The real backends as sources.
 *
 * @module
 */
import { jaeger } from './jaeger.ts';
import { loki } from './loki.ts';
import { prometheus } from './prometheus.ts';
import type { LiveSources } from './sources.ts';

/** Where the backends are, as `http://` or `https://` URLs without a slash at the end. */
export interface BackendAddresses {
  /** Jaeger's query API. */
  readonly jaeger: string;
  readonly loki: string;
  readonly prometheus: string;
  /** Grafana, where it is asked whether it runs; nothing is read from it. */
  readonly grafana: string;
  /** Where a browser opens Jaeger and Grafana; their addresses may be those of a network it is not in. */
  readonly pages: { readonly jaeger: string; readonly grafana: string };
  /** `service.namespace` of the lines that are read from Loki. Default: `breakwater`. */
  readonly namespace?: string;
}

/**
 * The addresses in a set of variables: `JAEGER_URL`, `LOKI_URL`, `PROMETHEUS_URL` and `GRAFANA_URL`,
 * or else `JAEGER_HOST` and `JAEGER_PORT`, `LOKI_HOST` and `LOKI_PORT`, `PROMETHEUS_HOST` and
 * `PROMETHEUS_PORT`, `GRAFANA_HOST` and `GRAFANA_PORT`: 127.0.0.1 and the backend's own port, where
 * unset. The pages are for a browser on this machine, where every port is published.
 */
export function backendAddresses(
  variables: Readonly<Record<string, string | undefined>>,
): BackendAddresses {
  const local = '127.0.0.1';
  const at = (name: string, port: number, host = variables[`${name}_HOST`] || local) =>
    (variables[`${name}_URL`] || `http://${host}:${variables[`${name}_PORT`] || port}`).replace(
      /\/+$/,
      '',
    );
  const namespace = variables.SERVICE_NAMESPACE;
  return {
    jaeger: at('JAEGER', 16686),
    loki: at('LOKI', 3100),
    prometheus: at('PROMETHEUS', 9090),
    grafana: at('GRAFANA', 3000),
    pages: { jaeger: at('JAEGER', 16686, local), grafana: at('GRAFANA', 3000, local) },
    ...(namespace ? { namespace } : {}),
  };
}

/** Reads from Jaeger, Loki and Prometheus. */
export function backendSources(addresses: BackendAddresses): LiveSources {
  const { pages } = addresses;
  const logs = loki(addresses.loki, addresses.namespace);
  const metrics = prometheus(addresses.prometheus);
  return {
    kind: 'backends',
    traces: jaeger(addresses.jaeger),
    logs,
    metrics,
    answers: (query) => logs.answers(query),
    traffic: (range, stepMs) => metrics.traffic(range, stepMs),
    breakers: (range, stepMs) => metrics.breakers(range, stepMs),
    bounds: async () => [],
    links: (traceId) => ({
      Jaeger: `${pages.jaeger}/trace/${traceId}`,
      Grafana: `${pages.grafana}/explore?schemaVersion=1&panes=${encodeURIComponent(grafanaPane(traceId))}`,
    }),
  };
}

/** Grafana's Explore takes its panes as JSON in the URL. */
function grafanaPane(traceId: string): string {
  return JSON.stringify({
    trace: { datasource: 'jaeger', queries: [{ refId: 'A', query: traceId }] },
  });
}
