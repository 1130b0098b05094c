// biome-ignore-all lint/suspicious/noExplicitAny: answers of another program
/**
 * The few questions that a running Grafana is asked.
 *
 * @module
 */
import type { Target } from '../offline/model.ts';

const TIMEOUT_MS = 20_000;
/** As a panel of usual width asks. */
const POINTS = 1_000;

/** What a query of a panel brought. */
export interface Answer {
  /** Rows over all frames. */
  readonly rows: number;
  /** The first of them, one value a column. */
  readonly first: readonly unknown[];
  /** Grafana's or the backend's own words. */
  readonly error: string | undefined;
}

/** A Grafana, spoken to as its administrator. */
export class Grafana {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param url address without a path */
  constructor(url: string, password: string) {
    this.url = url.replace(/\/+$/, '');
    this.#headers = {
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
    };
  }

  /** @throws {Error} when nothing answers there, or it is no Grafana */
  async version(): Promise<string> {
    const { status, body } = await this.#ask('/api/health');
    if (status !== 200 || !body?.version) throw new Error(`${this.url} is no Grafana that is well`);
    return body.version;
  }

  /** The dashboard and whether a file provisioned it; undefined when there is none. */
  async dashboard(uid: string): Promise<{ json: any; provisioned: boolean } | undefined> {
    const { status, body } = await this.#ask(`/api/dashboards/uid/${uid}`);
    if (status !== 200) return undefined;
    return { json: body.dashboard, provisioned: body.meta?.provisioned === true };
  }

  /** A data source's settings; undefined when there is none. */
  async datasource(uid: string): Promise<any> {
    const { status, body } = await this.#ask(`/api/datasources/uid/${uid}`);
    return status === 200 ? body : undefined;
  }

  /** What is wrong with a data source by its own health check; undefined when nothing. */
  async unhealthy(uid: string): Promise<string | undefined> {
    const { status, body } = await this.#ask(`/api/datasources/uid/${uid}/health`);
    return status === 200 && body?.status === 'OK' ? undefined : `${status} ${body?.message ?? ''}`;
  }

  /** Runs one query of a panel over the last hour, as the page of a dashboard does. */
  async query(target: Target, nowMs: number): Promise<Answer> {
    const { status, body } = await this.#ask('/api/ds/query', {
      from: String(nowMs - 3_600_000),
      to: String(nowMs),
      queries: [{ ...target, intervalMs: 5_000, maxDataPoints: POINTS }],
    });
    const result = body?.results?.[target.refId];
    const error = result?.error ?? (status === 200 ? undefined : (body?.message ?? String(status)));
    const frames: any[] = result?.frames ?? [];
    const rows = frames.reduce((sum, { data }) => sum + (data?.values?.[0]?.length ?? 0), 0);
    const columns: any[][] =
      frames.find(({ data }) => data?.values?.[0]?.length)?.data.values ?? [];
    return { rows, first: columns.map(([value]) => value), error };
  }

  async #ask(path: string, body?: object): Promise<{ status: number; body: any }> {
    const response = await fetch(`${this.url}${path}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...this.#headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: json ? JSON.parse(text) : undefined };
  }
}
