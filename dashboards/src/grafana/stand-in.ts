/**
 * A stand-in for Grafana, for the tests of our client alone: it knows the addresses that are asked
 * and nothing about dashboards. Whether Grafana itself answers so is for `.github/workflows` to see.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model } from '../offline/model.ts';

/** What the stand-in answers with; a test changes one thing of it. */
export interface StandInState {
  readonly dashboards: Record<string, { dashboard: object; meta: { provisioned: boolean } }>;
  readonly datasources: Record<string, object>;
  readonly health: Record<string, { status: string; message: string }>;
  /** Called with each query; the rows that it brings, or an error. */
  query(query: { refId: string; expr?: string; query?: string }): number | string;
}

/** The state of a Grafana that was given everything. */
export function provisioned({ dashboards, datasources }: Model): StandInState {
  const of = <T>(list: readonly { uid: string }[], make: (each: never) => T) =>
    Object.fromEntries(list.map((each) => [each.uid, make(each as never)]));
  return {
    dashboards: of(dashboards, (dashboard) => ({ dashboard, meta: { provisioned: true } })),
    datasources: of(datasources, (source: object) => ({
      ...JSON.parse(JSON.stringify(source).replaceAll('${JAEGER_PAGE}', 'http://127.0.0.1:16686')),
      readOnly: true,
    })),
    health: of(datasources, () => ({ status: 'OK', message: '' })),
    query: () => 3,
  };
}

/** Starts it on a free port of this machine. */
export async function startStandIn(state: StandInState): Promise<{ url: string; stop(): void }> {
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { status, answer } = reply(state, request.url ?? '', body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}

function reply(state: StandInState, path: string, body: string) {
  if (path === '/api/health') return { status: 200, answer: { version: 'stand-in' } };
  if (path === '/api/ds/query') return queried(state, JSON.parse(body).queries[0]);
  const [, dashboard] = /^\/api\/dashboards\/uid\/([\w-]+)$/.exec(path) ?? [];
  if (dashboard) return found(state.dashboards[dashboard]);
  const [, source = '', health] = /^\/api\/datasources\/uid\/(\w+)(\/health)?$/.exec(path) ?? [];
  return found(health ? state.health[source] : state.datasources[source]);
}

function found(answer: object | undefined) {
  return answer ? { status: 200, answer } : { status: 404, answer: { message: 'not found' } };
}

function queried(state: StandInState, query: Parameters<StandInState['query']>[0]) {
  const rows = state.query(query);
  if (typeof rows === 'string') {
    return { status: 400, answer: { results: { [query.refId]: { error: rows } } } };
  }
  const labels = { trace_id: '0af7651916cd43dd8448eb211c80319c' };
  const values = [Array(rows).fill(1_760_000_000_000), Array(rows).fill(labels)];
  return {
    status: 200,
    answer: { results: { [query.refId]: { frames: [{ data: { values } }] } } },
  };
}
