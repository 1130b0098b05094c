/**
 * The real backends, found by the same variables that start them.
 *
 * @module
 */
import { jaeger } from './jaeger.ts';
import { loki } from './loki.ts';
import { prometheus } from './prometheus.ts';
import type { LiveSources } from './sources.ts';

/**
 * Reads from Jaeger, Loki and Prometheus: at `JAEGER_URL`, `LOKI_URL`, `PROMETHEUS_URL`, or else at
 * `JAEGER_HOST` and `JAEGER_PORT`, `LOKI_HOST` and `LOKI_PORT`, `PROMETHEUS_HOST` and
 * `PROMETHEUS_PORT`. The links are for a browser on this machine, where every port is published,
 * Grafana's at `GRAFANA_PORT`.
 */
export function backendSources(env: NodeJS.ProcessEnv): LiveSources {
  const at = (name: string, port: number, host = env[`${name}_HOST`] ?? '127.0.0.1') =>
    env[`${name}_URL`] ?? `http://${host}:${env[`${name}_PORT`] ?? port}`;
  const jaegerUrl = at('JAEGER', 16686, '127.0.0.1');
  const grafanaUrl = at('GRAFANA', 3000, '127.0.0.1');
  const logs = loki(at('LOKI', 3100), env.SERVICE_NAMESPACE);
  const metrics = prometheus(at('PROMETHEUS', 9090));
  return {
    kind: 'backends',
    traces: jaeger(at('JAEGER', 16686)),
    logs,
    metrics,
    answers: (query) => logs.answers(query),
    traffic: (range, stepMs) => metrics.traffic(range, stepMs),
    breakers: (range, stepMs) => metrics.breakers(range, stepMs),
    bounds: async () => [],
    links: (traceId) => ({
      Jaeger: `${jaegerUrl}/trace/${traceId}`,
      Grafana: `${grafanaUrl}/explore?schemaVersion=1&panes=${encodeURIComponent(grafanaPane(traceId))}`,
    }),
  };
}

/** Grafana's Explore takes its panes as JSON in the URL. */
function grafanaPane(traceId: string): string {
  return JSON.stringify({
    trace: { datasource: 'jaeger', queries: [{ refId: 'A', query: traceId }] },
  });
}
