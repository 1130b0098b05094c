/**
 * The real backends, found by the same variables that start them.
 *
 * @module
 */
import { jaeger } from './jaeger.ts';
import { loki } from './loki.ts';
import { prometheus } from './prometheus.ts';
import type { Sources } from './sources.ts';

/** Reads from Jaeger, Loki and Prometheus; `<NAME>_URL` or `<NAME>_PORT` move each. */
export function backendSources(env: NodeJS.ProcessEnv = process.env): Sources {
  const at = (name: string, port: number) =>
    env[`${name}_URL`] ?? `http://127.0.0.1:${env[`${name}_PORT`] ?? port}`;
  const jaegerUrl = at('JAEGER', 16686);
  const grafanaUrl = at('GRAFANA', 3000);
  return {
    traces: jaeger(jaegerUrl),
    logs: loki(at('LOKI', 3100), env.SERVICE_NAMESPACE),
    metrics: prometheus(at('PROMETHEUS', 9090)),
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
