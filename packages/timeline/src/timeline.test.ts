import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Evidence, isComplete } from './evidence.ts';
import { parseLogLine } from './log-line.ts';
import type { LogLine, Span } from './model.ts';
import type { Sources } from './sources.ts';
import { isKnown, makeTimeline, readTimeline, type TimelineSpan } from './timeline.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

function span(
  spanId: string,
  parentId: string | undefined,
  service: string,
  startMs: number,
): Span {
  const kind = 'server';
  const [durationMs, failed] = [50, false];
  return {
    spanId,
    parentId,
    service,
    name: 'x',
    kind,
    startMs,
    durationMs,
    failed,
    attributes: {},
    events: [],
  };
}

function line(spanId: string, service: string, timeMs: number, errorCode?: string): LogLine {
  const fields = {
    timestamp: new Date(timeMs).toISOString(),
    level: 'error',
    message: 'POST /orders 504',
    'service.name': service,
    trace_id: traceId,
    span_id: spanId,
    'http.request.method': 'POST',
    'http.route': '/orders',
    'http.response.status_code': errorCode ? 504 : 201,
    ...(errorCode ? { error_code: errorCode, 'exception.message': 'too late' } : {}),
    context: { order_id: 'o1' },
    request_id: 'r1',
  };
  const parsed = parseLogLine(JSON.stringify(fields));
  assert.ok(parsed);
  return parsed;
}

// The gateway's span has a parent that is the client's, which no backend has.
const spans = [span('a', 'client', 'gateway', 1000), span('b', 'a', 'orders', 1010)];
const lines = [
  line('b', 'orders', 1040, 'PAYMENT_PENDING'),
  line('a', 'gateway', 1049, 'DEPENDENCY_TIMEOUT'),
];

const found: Evidence = { state: 'found' };

function tell(told: readonly Span[], written: readonly LogLine[]) {
  return makeTimeline(
    traceId,
    told,
    written,
    [],
    {},
    { spans: found, lines: found, metrics: found },
  );
}

test('lines stand in the span they were written in, in order of time', () => {
  const timeline = tell(spans, lines);
  const [root] = timeline.roots;
  assert.equal(timeline.roots.length, 1);
  assert.deepEqual(
    root?.entries.map((entry) => entry.type),
    ['span', 'line'],
  );
  assert.deepEqual(timeline.services, ['gateway', 'orders']);
  assert.equal(timeline.durationMs, 60);
  assert.deepEqual(timeline.strayLines, []);
});

test('the answer is what the outermost service said, not the last error line', () => {
  const late = [...lines, line('b', 'orders', 1200, 'LATER')];
  const { answer } = tell(spans, late);
  assert.equal(answer?.errorCode, 'DEPENDENCY_TIMEOUT');
  assert.equal(answer?.service, 'gateway');
  assert.equal(answer?.status, 504);
  assert.deepEqual(answer?.context, { order_id: 'o1' });
});

test('a request that went well at the edge has no failed answer, whatever failed below it', () => {
  const ok = [line('b', 'orders', 1040, 'PAYMENT_PENDING'), line('a', 'gateway', 1049)];
  const { answer, verdict } = tell(spans, ok);
  assert.equal(answer, undefined);
  assert.equal(verdict.outcome, 'succeeded');
});

test('lines whose span has not arrived are kept apart', () => {
  const timeline = tell([], lines);
  assert.equal(timeline.strayLines.length, 2);
  assert.equal(timeline.answer?.errorCode, 'DEPENDENCY_TIMEOUT');
});

function countSpans(nodes: readonly TimelineSpan[]): number {
  return nodes.reduce(
    (sum, { entries }) =>
      sum + 1 + countSpans(entries.flatMap((e) => (e.type === 'span' ? e.node : []))),
    0,
  );
}

test('a chain of 10,000 spans is told, none missing, and not too deep to walk', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) =>
    span(`s${i}`, i === 0 ? undefined : `s${i - 1}`, 'gateway', 1000 + i),
  );
  const { roots } = tell(chain, []);
  assert.equal(roots.length, 1);
  assert.equal(countSpans(roots), 10_000);
});

test("spans that are each other's parents are told once", () => {
  const circle = [span('a', 'c', 'x', 1), span('b', 'a', 'x', 2), span('c', 'b', 'x', 3)];
  const { roots } = tell([...circle, span('d', 'd', 'x', 4)], []);
  assert.deepEqual(
    roots.map((node) => node.span.spanId),
    ['a', 'd'],
  );
  assert.equal(countSpans(roots), 4);
});

function sources(overrides: Partial<Sources>): Sources {
  return {
    traces: { get: async () => ({ found: spans }) },
    logs: { ofTrace: async () => ({ found: lines }), within: async () => ({ found: lines }) },
    metrics: {
      query: async () => ({ found: [] }),
      exemplars: async () => ({ found: [] }),
    },
    links: () => ({}),
    ...overrides,
  };
}

test('the series of the answer is asked for with its service, route and code', async () => {
  const asked: string[] = [];
  const metrics = {
    query: async (selector: string) => {
      asked.push(selector);
      return { found: [{ labels: {}, value: 3 }] };
    },
    exemplars: async () => ({ found: [] }),
  };
  const timeline = await readTimeline(sources({ metrics }), traceId);
  assert.equal(timeline.series[0]?.value, 3);
  assert.deepEqual(asked, [
    'service_errors_total{service_name="gateway",http_route="/orders",error_code="DEPENDENCY_TIMEOUT"}',
  ]);
});

test('an id that no backend knows has no timeline', async () => {
  const nothing = sources({
    traces: { get: async () => ({ found: [] }) },
    logs: { ofTrace: async () => ({ found: [] }), within: async () => ({ found: [] }) },
  });
  const timeline = await readTimeline(nothing, traceId);
  assert.equal(isKnown(timeline), false);
  assert.equal(timeline.verdict.outcome, 'unknown');
  assert.ok(Object.values(timeline.evidence).every(isComplete), 'and nothing is missing');
});
