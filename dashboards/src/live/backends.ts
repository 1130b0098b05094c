// biome-ignore-all lint/suspicious/noExplicitAny: answers of other programs
/**
 * Queries to the real backends, as Grafana sends them.
 *
 * @module
 */

/** Where the backends and the services are. */
export interface Addresses {
  readonly prometheus: string;
  readonly loki: string;
  readonly jaeger: string;
  readonly gateway: string;
  /** The operational listener of the provider, where it takes faults. */
  readonly unstable: string;
}

/** One curve: its labels and its samples, in seconds. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [timeS: number, value: number])[];
}

export interface Line {
  readonly timeMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Range {
  readonly fromS: number;
  readonly toS: number;
}

/** By the variables that start them: `<NAME>_URL` or `<NAME>_PORT`. */
export function addresses(env: NodeJS.ProcessEnv = process.env): Addresses {
  const at = (name: string, port: number) =>
    env[`${name}_URL`] ?? `http://127.0.0.1:${env[`${name}_PORT`] ?? port}`;
  return {
    prometheus: at('PROMETHEUS', 9090),
    loki: at('LOKI', 3100),
    jaeger: at('JAEGER', 16686),
    gateway: at('GATEWAY', 8080),
    unstable: at('UNSTABLE_OPERATIONS', 18_087),
  };
}

const TIMEOUT_MS = 10_000;

/** @throws {Error} with the backend's own words when it refuses */
async function ask(url: string, parameters?: Record<string, string>): Promise<any> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(parameters ? { method: 'POST', body: new URLSearchParams(parameters) } : {}),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

interface Matrix {
  readonly metric: Record<string, string>;
  readonly values?: [number, string][];
  readonly value?: [number, string];
}

function curves(result: readonly Matrix[]): Series[] {
  return result.map(({ metric, values, value }) => ({
    labels: metric,
    points: (values ?? (value ? [value] : [])).map(([time, text]) => [time, Number(text)] as const),
  }));
}

export class Backends {
  readonly at: Addresses;

  constructor(at: Addresses) {
    this.at = at;
  }

  async prometheusRange(query: string, { fromS, toS }: Range, stepS: number): Promise<Series[]> {
    const answer = await ask(`${this.at.prometheus}/api/v1/query_range`, {
      query,
      start: String(fromS),
      end: String(toS),
      step: String(stepS),
    });
    return curves(answer.data.result);
  }

  async prometheusLabelValues(selector: string, label: string, range: Range): Promise<string[]> {
    const parameters = new URLSearchParams({
      'match[]': selector,
      start: String(range.fromS),
      end: String(range.toS),
    });
    return (await ask(`${this.at.prometheus}/api/v1/label/${label}/values?${parameters}`)).data;
  }

  /** Trace ids of the exemplars of a query, each with the labels of its series. */
  async exemplars(query: string, { fromS, toS }: Range) {
    const answer = await ask(`${this.at.prometheus}/api/v1/query_exemplars`, {
      query,
      start: String(fromS),
      end: String(toS),
    });
    return (
      answer.data as {
        seriesLabels: Record<string, string>;
        exemplars: { labels: Record<string, string> }[];
      }[]
    ).flatMap(({ seriesLabels, exemplars }) =>
      exemplars.map(({ labels }) => ({ labels: seriesLabels, traceId: labels.trace_id ?? '' })),
    );
  }

  /** Whether the server itself reads the expression. */
  async parses(language: 'promql' | 'logql', query: string): Promise<void> {
    if (language === 'promql') await ask(`${this.at.prometheus}/api/v1/format_query`, { query });
    else await ask(`${this.at.loki}/loki/api/v1/format_query`, { query });
  }

  /** Log lines, or curves where the expression makes a metric of them. */
  async loki(
    query: string,
    { fromS, toS }: Range,
    stepS: number,
    limit: number,
  ): Promise<{ lines: Line[]; series: Series[] }> {
    const { data } = await ask(`${this.at.loki}/loki/api/v1/query_range`, {
      query,
      start: String(Math.floor(fromS * 1e9)),
      end: String(Math.floor(toS * 1e9)),
      step: String(stepS),
      limit: String(limit),
      direction: 'backward',
    });
    if (data.resultType !== 'streams') return { lines: [], series: curves(data.result) };
    const streams = data.result as { stream: Record<string, string>; values: [string, string][] }[];
    const lines = streams.flatMap(({ stream, values }) =>
      values.map(([time, text]) => ({ timeMs: Number(time) / 1e6, labels: stream, text })),
    );
    return { lines: lines.sort((a, b) => b.timeMs - a.timeMs), series: [] };
  }

  /** The services of a trace's spans, one entry a span; empty while Jaeger has none. */
  async trace(traceId: string): Promise<string[]> {
    const response = await fetch(`${this.at.jaeger}/api/traces/${traceId}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return [];
    const [trace] = ((await response.json()) as any).data ?? [];
    return (trace?.spans ?? []).map((span: any) => trace.processes[span.processID].serviceName);
  }
}
