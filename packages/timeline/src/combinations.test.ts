import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { BackendError } from './backend-error.ts';
import { backendAddresses, backendSources } from './backends.ts';
import type { LiveSources, Sources } from './sources.ts';
import { isKnown, readTimeline, type Timeline } from './timeline.ts';

/**
 * What a backend can be: every combination of the three is told, and nothing false in any.
 */
const STATES = [
  'data',
  'empty',
  'down',
  'slow',
  'status 500',
  'html',
  'other json',
  'error json',
  'cut',
  'not found',
  'partial',
] as const;
type State = (typeof STATES)[number];
type Backend = 'jaeger' | 'loki' | 'prometheus';
/** Of these nothing can be said to be missing. */
const RESPONDS: readonly State[] = ['data', 'empty'];
const HAS_DATA: readonly State[] = ['data', 'partial'];

const traceId = '0af7651916cd43dd8448eb211c80319c';
const nowMs = Date.parse('2026-01-01T00:00:10.000Z');
const startMs = nowMs - 5_000;

/** A request as the services tell it. */
interface Told {
  readonly status: number;
  readonly errorCode?: string;
  /** The client began the trace: the parent of the first span is in no backend. */
  readonly clientTrace?: boolean;
}
const FAILED: Told = { status: 504, errorCode: 'DEPENDENCY_TIMEOUT' };
const FINE: Told = { status: 201 };

function jaegerHas({ status, errorCode, clientTrace }: Told) {
  const nano = (ms: number) => `${ms}000000`;
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    ...(clientTrace ? { parentSpanId: '00f067aa0ba902b7' } : {}),
    name: 'POST /orders',
    kind: 2,
    startTimeUnixNano: nano(startMs),
    endTimeUnixNano: nano(startMs + 100),
    attributes: [
      { key: 'http.request.method', value: { stringValue: 'POST' } },
      { key: 'http.route', value: { stringValue: '/orders' } },
      { key: 'http.response.status_code', value: { intValue: String(status) } },
      ...(errorCode ? [{ key: 'breakwater.error_code', value: { stringValue: errorCode } }] : []),
    ],
    status: status >= 500 ? { code: 2 } : {},
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'gateway' } }] };
  return { result: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] } };
}

function lokiHas({ status, errorCode }: Told, warnings?: string[]) {
  const line = {
    timestamp: new Date(startMs + 99).toISOString(),
    level: errorCode ? 'error' : 'info',
    message: `POST /orders ${status}`,
    'service.name': 'gateway',
    trace_id: traceId,
    span_id: 'b7ad6b7169203331',
    'http.request.method': 'POST',
    'http.route': '/orders',
    'http.response.status_code': status,
    duration_ms: 99,
    request_id: 'r1',
    ...(errorCode ? { error_code: errorCode, 'exception.message': 'too late' } : {}),
  };
  const values = [[`${startMs + 99}000000`, JSON.stringify(line)]];
  return { status: 'success', data: { result: [{ stream: {}, values }] }, warnings };
}

function prometheusHas({ status, errorCode }: Told, path: string, query: string) {
  const labels = { service_name: 'gateway', http_route: '/orders' };
  if (path.endsWith('/query')) {
    const metric = { __name__: 'service_errors_total', ...labels, error_code: errorCode };
    const result = errorCode ? [{ metric, value: [0, '7'] }] : [];
    return { status: 'success', data: { resultType: 'vector', result } };
  }
  const exemplars = [{ labels: { trace_id: traceId }, timestamp: (startMs + 99) / 1_000 }];
  const series = (more: object) => ({ seriesLabels: { ...labels, ...more }, exemplars });
  const ofErrors = query.startsWith('service_errors_total');
  const measured = {
    __name__: 'http_server_request_duration_seconds_bucket',
    http_request_method: 'POST',
    http_response_status_code: String(status),
  };
  const counted = { __name__: 'service_errors_total', error_code: errorCode };
  const data = ofErrors ? (errorCode ? [series(counted)] : []) : [series(measured)];
  return { status: 'success', data };
}

const NOTHING: Readonly<Record<Backend, object>> = {
  jaeger: { error: { httpCode: 404, message: 'No traces found' } },
  loki: { status: 'success', data: { result: [] } },
  prometheus: { status: 'success', data: [] },
};

/** One server that is all three, by the first part of the path, each in the state that is set. */
const states: Record<Backend, State> = { jaeger: 'data', loki: 'data', prometheus: 'data' };
let told: Told = FAILED;
let server: Server;
let sources: LiveSources;

function dataOf(backend: Backend, path: string, query: string) {
  if (backend === 'jaeger') return jaegerHas(told);
  if (backend === 'loki') return lokiHas(told);
  return prometheusHas(told, path, query);
}

before(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const backend = pathname.split('/')[1] as Backend;
    const query = searchParams.get('query') ?? '';
    const data = () => JSON.stringify(dataOf(backend, pathname, query));
    const json = (status: number, value: unknown) => response.writeHead(status).end(value);
    switch (states[backend]) {
      case 'data':
        return json(200, data());
      case 'empty': {
        const value = pathname.endsWith('/query')
          ? { status: 'success', data: { resultType: 'vector', result: [] } }
          : NOTHING[backend];
        return json(backend === 'jaeger' ? 404 : 200, JSON.stringify(value));
      }
      case 'down':
        return request.socket.destroy();
      case 'slow':
        return undefined;
      case 'status 500':
        return json(500, 'out of memory');
      case 'html':
        return json(200, '<!doctype html><title>Sign in</title>');
      case 'other json':
        return json(200, '{"result":7,"status":"success","data":{"result":"seven"}}');
      case 'error json':
        return json(200, '{"status":"error","error":"the store is read-only"}');
      case 'cut': {
        const text = data();
        response.writeHead(200, { 'content-length': text.length });
        response.write(text.slice(0, text.length / 2));
        return setImmediate(() => request.socket.destroy());
      }
      case 'not found':
        return json(404, '404 page not found');
      case 'partial': {
        // Jaeger has no word for it.
        const warnings = backend === 'jaeger' ? {} : { warnings: ['a store did not respond'] };
        return json(200, JSON.stringify({ ...dataOf(backend, pathname, query), ...warnings }));
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sources = backendSources(
    backendAddresses({
      JAEGER_URL: `${url}/jaeger`,
      LOKI_URL: `${url}/loki`,
      PROMETHEUS_URL: `${url}/prometheus`,
    }),
  );
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function read(jaeger: State, loki: State, prometheus: State): Promise<Timeline> {
  Object.assign(states, { jaeger, loki, prometheus });
  return readTimeline(impatient(sources), traceId, { nowMs, patienceMs: 60_000 });
}

/** The sources, whose patience with a slow backend is over at once. */
function impatient({ traces, logs, metrics, links }: LiveSources): Sources {
  const late = (backend: string) =>
    Promise.reject(new BackendError(backend, 'http://127.0.0.1', 'did not respond within 10 s'));
  return {
    traces: { get: (id) => (states.jaeger === 'slow' ? late('Jaeger') : traces.get(id)) },
    logs: {
      ...logs,
      ofTrace: (...asked) => (states.loki === 'slow' ? late('Loki') : logs.ofTrace(...asked)),
    },
    metrics: {
      query: (selector) =>
        states.prometheus === 'slow' ? late('Prometheus') : metrics.query(selector),
      exemplars: (...asked) =>
        states.prometheus === 'slow' ? late('Prometheus') : metrics.exemplars(...asked),
    },
    links,
  };
}

/** What is said of a backend in a state. */
function checkEvidence(
  timeline: Timeline,
  kind: keyof Timeline['evidence'],
  name: string,
  state: State,
) {
  const { state: said, why } = timeline.evidence[kind];
  if (state === 'data') assert.equal(said, 'found');
  else if (state === 'empty') assert.equal(said, 'nothing');
  else if (state === 'partial') {
    // Jaeger tells nobody when it has lost spans.
    assert.equal(said, name === 'Jaeger' ? 'found' : 'incomplete');
  } else {
    assert.equal(said, 'failed');
    assert.match(why ?? '', new RegExp(`^${name} at http`));
  }
}

/** All of these three, and each other state with them: those differ in the text of a failure. */
const SAMPLED: readonly State[] = ['data', 'empty', 'down'];
function* combinations() {
  for (const jaeger of STATES) {
    for (const loki of STATES) {
      for (const prometheus of STATES) {
        const odd = [jaeger, loki, prometheus].filter((state) => !SAMPLED.includes(state));
        if (odd.length <= 1) yield { jaeger, loki, prometheus };
      }
    }
  }
}

for (const [name, what] of [
  ['failed', FAILED],
  ['failed in a trace of its client', { ...FAILED, clientTrace: true }],
  ['succeeded', FINE],
  ['succeeded in a trace of its client', { ...FINE, clientTrace: true }],
] as const) {
  describe(`a request that ${name}`, () => {
    test('is told by those that respond, and nothing false is said of it', async () => {
      let count = 0;
      for (const { jaeger, loki, prometheus } of combinations()) {
        told = what;
        const timeline = await read(jaeger, loki, prometheus);
        const message = `${jaeger}, ${loki}, ${prometheus}: ${JSON.stringify(timeline.verdict)}`;
        count++;
        checkEvidence(timeline, 'spans', 'Jaeger', jaeger);
        checkEvidence(timeline, 'lines', 'Loki', loki);
        checkEvidence(timeline, 'metrics', 'Prometheus', prometheus);

        const [span, line, metric] = [jaeger, loki, prometheus].map((each) =>
          HAS_DATA.includes(each),
        );
        const { outcome } = timeline.verdict;
        if (what.status >= 400) {
          // One witness is enough for a failure.
          assert.equal(outcome, span || line || metric ? 'failed' : 'unknown', message);
        } else {
          // A success wants that nothing outside of it can be missing.
          const whole = RESPONDS.includes(loki) && (RESPONDS.includes(jaeger) || span);
          const sure = (span && !('clientTrace' in what)) || (whole && (span || line));
          assert.equal(outcome, sure ? 'succeeded' : 'unknown', message);
        }
        if (outcome === 'unknown') assert.match(timeline.verdict.why, /\w.*\.$/, message);
        if (what.status >= 400) assert.equal(isKnown(timeline), span || line || metric, message);
        else assert.equal(isKnown(timeline), span || line, message);
        if (outcome !== 'failed') assert.equal(timeline.answer, undefined, message);
        else {
          const { answer } = timeline;
          assert.deepEqual(
            answer?.saidBy,
            ['span', 'line', 'metric'].filter((_, i) => [span, line, metric][i]),
            message,
          );
          assert.equal(answer?.errorCode, 'DEPENDENCY_TIMEOUT', message);
          assert.equal(answer?.status, 504, message);
          assert.equal(answer?.requestId, line ? 'r1' : undefined, message);
          assert.equal(answer?.message, line ? 'too late' : undefined, message);
          assert.equal(timeline.series[0]?.value, metric ? 7 : undefined, message);
        }
      }
      assert.equal(count, 27 + 3 * 8 * 9);
    });
  });
}

test('backends that hang are waited for no longer than asked', async () => {
  Object.assign(states, { jaeger: 'slow', loki: 'slow', prometheus: 'slow' });
  const { evidence } = await readTimeline(sources, traceId, { nowMs, patienceMs: 20 });
  assert.deepEqual(
    Object.values(evidence).map(({ state, why }) => `${state}: ${why}`),
    [
      'failed: The spans did not come within 0.02 s.',
      'failed: The log lines did not come within 0.02 s.',
      'failed: The metrics did not come within 0.02 s.',
    ],
  );
});

test('each way not to respond is told apart', async () => {
  const whys: string[] = [];
  for (const state of STATES) {
    if (RESPONDS.includes(state) || state === 'slow') continue;
    const { evidence } = await read('data', state, 'data');
    whys.push(`${state}: ${evidence.lines.why?.replace(/127\.0\.0\.1:\d+/, 'HOST')}`);
  }
  assert.deepEqual(whys, [
    'down: Loki at http://HOST does not respond (UND_ERR_SOCKET).',
    'status 500: Loki at http://HOST responded 500: out of memory.',
    'html: Loki at http://HOST responded 200 with what is no JSON: <!doctype html><title>Sign in</title>.',
    'other json: Loki at http://HOST responded 200 with JSON of another shape: {"result":7,"status":"success","data":{"result":"seven"}}.',
    'error json: Loki at http://HOST responded 200 with JSON of another shape: {"status":"error","error":"the store is read-only"}.',
    'cut: Loki at http://HOST broke its response off.',
    'not found: Loki at http://HOST responded 404: 404 page not found.',
    'partial: Loki says: a store did not respond.',
  ]);
});
