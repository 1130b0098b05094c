import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackendError, parseLogLine, type Sources, type Span } from '@breakwater/story';
import { StackError, UsageError } from '../errors.ts';
import { type ExplainIo, explain } from './explain.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const startMs = Date.parse('2026-01-01T00:00:00.000Z');

function span(
  spanId: string,
  parentId: string | undefined,
  service: string,
  failed: boolean,
): Span {
  const attributes = { 'http.response.status_code': 504 };
  const rest = { kind: 'server', startMs, durationMs: 1500, attributes, events: [] } as const;
  return { spanId, parentId, service, name: 'POST /orders', failed, ...rest };
}

function line(spanId: string, service: string) {
  const parsed = parseLogLine(
    JSON.stringify({
      timestamp: new Date(startMs + 1499).toISOString(),
      level: 'error',
      message: 'POST /orders 504 DEPENDENCY_TIMEOUT: orders did not answer in time.',
      'service.name': service,
      trace_id: traceId,
      span_id: spanId,
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 504,
      error_code: 'DEPENDENCY_TIMEOUT',
      'exception.message': 'orders did not answer in time.',
      context: { order_id: 'o1' },
      causes: [{ type: 'TimeoutError', message: 'the socket was quiet' }],
      request_id: 'r1',
    }),
  );
  assert.ok(parsed);
  return parsed;
}

const spans = [span('a', undefined, 'gateway', true), span('b', 'a', 'orders', true)];
const lines = [line('a', 'gateway'), line('b', 'orders')];
const series = [
  { labels: { __name__: 'service_errors_total', error_code: 'DEPENDENCY_TIMEOUT' }, value: 7 },
];

/** Backends whose answers grow with every poll, on a clock that only sleeping moves. */
function world(steps: { spans: Span[]; lines: typeof lines; series: typeof series }[]) {
  const printed: string[] = [];
  let nowMs = 0;
  let step = 0;
  const at = () => steps[Math.min(step, steps.length - 1)] ?? { spans: [], lines: [], series: [] };
  const sources: Sources = {
    traces: {
      get: async () => (at().spans.length > 0 ? { traceId, spans: at().spans } : undefined),
    },
    logs: { ofTrace: async () => at().lines, within: async () => at().lines },
    metrics: { query: async () => at().series, exemplars: async () => [] },
    links: (id) => ({ Jaeger: `http://jaeger/trace/${id}` }),
  };
  const io: ExplainIo = {
    sources: () => sources,
    out: (text) => printed.push(text),
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      step++;
    },
  };
  return { io, printed, polls: () => step };
}

const whole = { spans, lines, series };

test('tells what the client saw, the spans with their lines, the series and where to look', async () => {
  const { io, printed } = world([whole]);
  await explain([traceId], io);
  const text = printed.join('\n');
  assert.match(text, /POST \/orders at gateway → 504 DEPENDENCY_TIMEOUT/);
  assert.match(text, /context \{"order_id":"o1"\}/);
  assert.match(text, /└─ ✗ orders server POST \/orders {2}1\.50 s|├─ ✗ orders server POST/);
  assert.match(text, /ERROR orders: .*\(cause: the socket was quiet\)/);
  assert.match(text, /service_errors_total\{error_code="DEPENDENCY_TIMEOUT"\} 7/);
  assert.match(text, /http:\/\/jaeger\/trace\/0af7/);
});

test('waits for what is still on its way: spans, a line of each service, the count', async () => {
  const { io, printed, polls } = world([
    { spans: [], lines: [], series: [] },
    { spans: spans.slice(0, 1), lines: [], series: [] },
    { spans, lines: lines.slice(0, 1), series: [] },
    { spans, lines, series: [] },
    whole,
  ]);
  await explain([traceId, '--json'], io);
  assert.equal(polls(), 4);
  assert.equal(JSON.parse(printed[0] ?? '').series[0].value, 7);
});

test('waits for the spans of a service that has only its line there yet', async () => {
  const { io, printed, polls } = world([{ spans: spans.slice(0, 1), lines, series }, whole]);
  await explain([traceId, '--json'], io);
  assert.equal(polls(), 1);
  assert.deepEqual(JSON.parse(printed[0] ?? '').services, ['gateway', 'orders']);
});

test('tells what there is when the wait is over', async () => {
  const { io, printed } = world([{ spans, lines: [], series: [] }]);
  await explain([traceId, '--wait', '2'], io);
  assert.match(printed.join(), /✗ gateway server/);
});

test('an unknown id is an error that says where ids come from', async () => {
  const { io } = world([{ spans: [], lines: [], series: [] }]);
  await assert.rejects(explain([traceId], io), (error) => {
    assert.ok(error instanceof StackError);
    assert.match(error.message, /X-Trace-ID/);
    return true;
  });
});

for (const malformed of ['xyz', traceId.slice(1), '0'.repeat(32), '']) {
  test(`"${malformed}" is no trace id`, async () => {
    await assert.rejects(explain([malformed], world([whole]).io), UsageError);
  });
}

test('a backend that is down is named with what to do', async () => {
  const { io } = world([whole]);
  const get = async () => {
    throw new BackendError('Jaeger', 'http://127.0.0.1:16686/api', 'does not answer');
  };
  const down = { ...io, sources: () => ({ ...io.sources(''), traces: { get } }) };
  await assert.rejects(
    explain([traceId], down),
    /Jaeger at http:\/\/127.0.0.1:16686 does not answer.*npm start/,
  );
});
