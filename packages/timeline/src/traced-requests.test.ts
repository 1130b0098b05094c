import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLogLine } from './log-line.ts';
import type { Exemplar, LogLine, Span } from './model.ts';
import { tellRequests } from './traced-requests.ts';
import { judge } from './verdict.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

interface Given {
  readonly id: string;
  readonly parent?: string;
  readonly service: string;
  readonly status: number;
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly code?: string;
}

function span({ id, parent, service, status, startMs = 0, durationMs = 50 }: Given): Span {
  return {
    ...{ spanId: id, parentId: parent, service, name: 'POST /orders', kind: 'server' },
    ...{ startMs, durationMs, failed: status >= 500, events: [] },
    attributes: { 'http.response.status_code': status },
  };
}

function line({ id, service, status, startMs = 0, durationMs = 50, code }: Given): LogLine {
  const parsed = parseLogLine(
    JSON.stringify({
      timestamp: new Date(startMs + durationMs).toISOString(),
      'service.name': service,
      trace_id: traceId,
      span_id: id,
      request_id: `r-${id}`,
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': status,
      duration_ms: durationMs,
      ...(code ? { error_code: code } : {}),
    }),
  );
  assert.ok(parsed);
  return parsed;
}

function counted(service: string, code: string): Exemplar {
  const labels = { service_name: service, http_route: '/orders', error_code: code };
  return { metric: 'service_errors_total', labels, traceId, timeMs: 40 };
}

const outcomes = (requests: ReturnType<typeof tellRequests>) =>
  requests.map(({ service, outcome, errorCode }) => `${service} ${outcome} ${errorCode ?? '-'}`);

test('a thousand requests of one id are told apart, by spans, by lines and by both', () => {
  const all = Array.from({ length: 1_000 }, (_, i): Given[] => {
    const at = { startMs: i * 10, parent: 'client' };
    const failed = i % 100 === 7;
    const code = { ...(failed ? { code: `CODE_${i}` } : {}), status: failed ? 503 : 201 };
    return [
      { id: `g${i}`, service: 'gateway', ...at, ...code },
      { id: `o${i}`, service: 'orders', ...at, parent: `g${i}`, durationMs: 40, ...code },
    ];
  }).flat();
  const [spans, lines] = [all.map(span), all.map(line)];
  for (const requests of [
    tellRequests(spans, lines, [], true),
    tellRequests([], lines, [], false),
  ]) {
    assert.equal(requests.length, 1_000);
    const failed = requests.filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      failed.map(({ requestId, errorCode }) => [requestId, errorCode]),
      Array.from({ length: 10 }, (_, i) => [`r-g${100 * i + 7}`, `CODE_${100 * i + 7}`]),
    );
    assert.ok(requests.every(({ service }) => service === 'gateway'));
  }
  const bySpans = tellRequests(spans, [], [], false);
  assert.equal(bySpans.filter(({ outcome }) => outcome === 'failed').length, 10);
  assert.ok(
    bySpans.every(({ outermost }) => !outermost),
    'a parent of theirs is not known',
  );
});

const answered = { id: 'g', service: 'gateway', status: 200 };
const inside = { id: 'o', parent: 'g', service: 'orders', status: 503, code: 'OVERLOADED' };

test('a failure inside of a request that went well is not the failure of the request', () => {
  const shorter = { ...inside, startMs: 5, durationMs: 20 };
  for (const [spans, lines] of [
    [[answered, shorter], []],
    [
      [answered, shorter],
      [answered, shorter],
    ],
    [[], [answered, shorter]],
    [[answered], [answered, shorter]],
    [[shorter], [answered, shorter]],
  ] as const) {
    const requests = tellRequests(spans.map(span), lines.map(line), [], true);
    assert.deepEqual(outcomes(requests), ['gateway succeeded -']);
    const withCount = tellRequests(
      [...spans].map(span),
      [...lines].map(line),
      [counted('orders', 'OVERLOADED')],
      true,
    );
    assert.deepEqual(outcomes(withCount), ['gateway succeeded -'], 'it is counted inside, too');
    assert.equal(judge(withCount).outcome, 'succeeded');
  }
});

test('one witness of a failure outweighs two that know of none', () => {
  const failed = { ...answered, status: 503, code: 'OVERLOADED' };
  const bySpan = tellRequests([span(failed)], [line(answered)], [], true);
  assert.deepEqual([bySpan[0]?.outcome, bySpan[0]?.saidBy], ['failed', ['span']]);
  const byLine = tellRequests([span(answered)], [line(failed)], [], true);
  assert.deepEqual([byLine[0]?.outcome, byLine[0]?.saidBy], ['failed', ['line']]);
});

test('a count without span and line is one more request of its service, or one inside of it', () => {
  const more = tellRequests([span(answered)], [], [counted('gateway', 'OVERLOADED')], true);
  assert.deepEqual(outcomes(more).sort(), ['gateway failed OVERLOADED', 'gateway succeeded -']);
  assert.equal(judge(more).outcome, 'failed');

  const other = tellRequests([span(answered)], [], [counted('orders', 'OVERLOADED')], true);
  assert.equal(judge(other).outcome, 'unknown');
  assert.match(judge(other).why, /^orders counted OVERLOADED in this trace, and no span/);
});

test('a span without a status says nothing, and its line does', () => {
  const silent: Span = { ...span(answered), attributes: {} };
  assert.equal(judge(tellRequests([silent], [], [], true)).outcome, 'unknown');
  assert.equal(judge(tellRequests([silent], [line(answered)], [], true)).outcome, 'succeeded');
});

test('below a client span that began the trace a request is outermost for sure', () => {
  const began: Span = { ...span({ ...answered, id: 'k6', service: 'k6' }), kind: 'client' };
  const [request] = tellRequests([began, span({ ...answered, parent: 'k6' })], [], [], false);
  assert.equal(request?.outermost, true);
});
