import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import { BackendError, parseLogLine, type Sources, type Span } from '@breakwater/timeline';
import { UsageError } from '../errors.ts';
import { type ExplainIo, explain as explainTrace } from './explain.ts';
import { readTraceArguments, TRACE_OPTIONS } from './trace-arguments.ts';

/** By its command line. */
async function explain(args: string[], io: ExplainIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: TRACE_OPTIONS,
  });
  return explainTrace(readTraceArguments(positionals, values), io);
}

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
  const complaints: string[] = [];
  let nowMs = 0;
  let step = 0;
  const at = () => steps[Math.min(step, steps.length - 1)] ?? { spans: [], lines: [], series: [] };
  const sources: Sources = {
    traces: {
      get: async () => ({ found: at().spans }),
    },
    logs: {
      ofTrace: async () => ({ found: at().lines }),
      within: async () => ({ found: at().lines }),
    },
    metrics: {
      query: async () => ({ found: at().series }),
      exemplars: async () => ({ found: [] }),
    },
    links: (id) => ({ Jaeger: `http://jaeger/trace/${id}` }),
  };
  const io: ExplainIo = {
    sources,
    next: 'npm start starts what is missing.',
    out: (text) => printed.push(text),
    err: (text) => complaints.push(text),
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      step++;
    },
  };
  return { io, sources, printed, complaints, polls: () => step };
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

test('waits for a service outside of those that are known, which may be a moment late', async () => {
  const inClientTrace = spans.map((each) => ({ ...each, parentId: each.parentId ?? 'client' }));
  const inner = { spans: inClientTrace.slice(1), lines: lines.slice(1), series };
  const { io, printed, polls } = world([inner, { ...whole, spans: inClientTrace }]);
  await explain([traceId, '--json'], io);
  assert.equal(polls(), 2);
  assert.equal(JSON.parse(printed[0] ?? '').answer.service, 'gateway');
});

test('tells what there is when the wait is over', async () => {
  const { io, printed } = world([{ spans, lines: [], series: [] }]);
  await explain([traceId, '--wait', '2'], io);
  assert.match(printed.join(), /✗ gateway server/);
});

test('an id that nobody knows is said to be unknown, with where ids come from', async () => {
  for (const args of [[traceId], [traceId, '--json']]) {
    const { io, printed, complaints } = world([{ spans: [], lines: [], series: [] }]);
    assert.equal(await explain(args, io), 1);
    assert.match(complaints.join(), /^No span, no log line .* has the id 0af7.*X-Trace-ID/);
    const [json] = printed;
    if (json) assert.equal(JSON.parse(json).verdict.outcome, 'unknown');
    assert.equal(printed.length, args.length - 1);
  }
});

for (const malformed of ['xyz', traceId.slice(1), '0'.repeat(32), '']) {
  test(`"${malformed}" is no trace id`, async () => {
    await assert.rejects(explain([malformed], world([whole]).io), UsageError);
  });
}

const DOWN = 'does not respond (ECONNREFUSED)';

/** The same world without some of its backends. */
function without(io: ExplainIo, down: readonly ('Jaeger' | 'Loki' | 'Prometheus')[]): ExplainIo {
  const refuse = (backend: string, port: number) => async () => {
    throw new BackendError(backend, `http://127.0.0.1:${port}/api`, DOWN);
  };
  const withoutThem = (all: Sources): Sources => {
    const [jaeger, loki, prometheus] = [
      refuse('Jaeger', 16686),
      refuse('Loki', 3100),
      refuse('Prometheus', 9090),
    ];
    return {
      ...all,
      traces: down.includes('Jaeger') ? { get: jaeger } : all.traces,
      logs: down.includes('Loki') ? { ofTrace: loki, within: loki } : all.logs,
      metrics: down.includes('Prometheus')
        ? { query: prometheus, exemplars: prometheus }
        : all.metrics,
    };
  };
  return { ...io, sources: withoutThem(io.sources) };
}

const failedSpans = spans.map((each) => ({
  ...each,
  attributes: { ...each.attributes, 'breakwater.error_code': 'DEPENDENCY_TIMEOUT' },
}));

test('without Loki a failure is told by its span, and what only Loki knows is said to be missing', async () => {
  const { io, printed, polls } = world([{ ...whole, spans: failedSpans }]);
  assert.equal(await explain([traceId], without(io, ['Loki'])), 0);
  const text = printed.join('\n');
  assert.match(text, /log lines: Loki at http:\/\/127\.0\.0\.1:3100 does not respond \(ECONN/);
  assert.match(text, /npm start starts what is missing/);
  assert.match(text, /at gateway → 504 DEPENDENCY_TIMEOUT/);
  assert.match(text, /message not known: its log line is missing/);
  assert.match(text, /request id not known/);
  assert.match(text, /said by its span$/m);
  assert.doesNotMatch(text, /did not fail/);
  assert.equal(polls(), 0, 'what is not there is not waited for');
});

test('without Jaeger a failure is told by its lines', async () => {
  const { io, printed } = world([whole]);
  assert.equal(await explain([traceId, '--wait', '0'], without(io, ['Jaeger'])), 0);
  const text = printed.join('\n');
  assert.match(text, /spans: Jaeger at http:\/\/127\.0\.0\.1:16686 does not respond/);
  assert.match(text, /orders did not answer in time\./);
  assert.match(text, /request id r1/);
});

const fine = {
  ...{ lines: [], series: [] },
  spans: [
    {
      ...span('a', 'the client', 'gateway', false),
      attributes: { 'http.response.status_code': 201 },
    },
  ],
};

test('a success that nobody can be sure of is not called one, and has an exit code of its own', async () => {
  const { io, printed } = world([fine]);
  assert.equal(await explain([traceId, '--wait', '0'], without(io, ['Loki'])), 3);
  const text = printed.join('\n');
  assert.match(text, /Whether the request failed is not known\. gateway responded 201/);
  assert.doesNotMatch(text, /did not fail/);
});

test('a success is one when all were asked, or nothing can be outside of it', async () => {
  const asked = world([fine]);
  assert.equal(await explain([traceId, '--wait', '0'], asked.io), 0);
  assert.match(asked.printed.join(), /The request did not fail\..*→ 201 succeeded, says its span/s);
  const root = { ...fine, spans: fine.spans.map((each) => ({ ...each, parentId: undefined })) };
  const { io, printed } = world([root]);
  assert.equal(await explain([traceId], without(io, ['Loki', 'Prometheus'])), 0);
  assert.match(printed.join(), /The request did not fail\./);
  assert.match(printed.join(), /Loki at/);
});

test('nothing known is not nothing there while a backend is down', async () => {
  const nothing = { spans: [], lines: [], series: [] };
  for (const down of [['Jaeger'], ['Loki'], ['Jaeger', 'Loki', 'Prometheus']] as const) {
    const { io, complaints } = world([nothing]);
    assert.equal(await explain([traceId, '--wait', '1'], without(io, down)), 1);
    const text = complaints.join('\n');
    assert.match(text, /^Nothing is known of 0af7\w+, but not all could be asked:/);
    for (const backend of down) assert.match(text, new RegExp(`${backend} at http`));
    assert.match(text, /npm start/);
  }
});

test('requests that share one id are told apart', async () => {
  const many = Array.from({ length: 30 }, (_, i) => ({
    ...span(`s${i}`, 'the client', 'gateway', i % 2 === 0),
    startMs: startMs + 10_000 * i,
    attributes: {
      'http.route': `/orders`,
      'http.response.status_code': i % 2 === 0 ? 500 + i : 201,
      ...(i % 2 === 0 ? { 'breakwater.error_code': `CODE_${i}` } : {}),
    },
  }));
  const { io, printed } = world([{ spans: many, lines: [], series: [] }]);
  assert.equal(await explain([traceId, '--wait', '0'], io), 0);
  const text = printed.join('\n');
  assert.match(text, /30 responses share this id: 15 failed, 15 succeeded\./);
  for (const i of [0, 2, 18]) assert.match(text, new RegExp(`→ ${500 + i} CODE_${i}\n`));
  assert.doesNotMatch(text, /→ 520 CODE_20\n/);
  assert.match(text, /5 more failed: --json has 100 of them\./);
});

test('of a service that only has spans no line is waited for, once the trace stays as it is', async () => {
  const plain = {
    ...span('a', undefined, 'todo', true),
    attributes: { 'http.response.status_code': 500 },
  };
  const { io, printed, polls } = world([{ spans: [plain], lines: [], series: [] }]);
  assert.equal(await explain([traceId], io), 0);
  assert.equal(polls(), 3);
  assert.match(printed.join(), /at todo → 500/);
});
