import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLogLine, type Span } from '@breakwater/timeline';
import type { Driven } from './drive.ts';
import { agrees, countCodes, findGaps } from './join.ts';
import { KINDS } from './kinds.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const kind = KINDS.find(({ name }) => name === 'item not found');
assert.ok(kind);
const driven: Driven = { kind, traceId, status: 404, errorCode: 'ITEM_NOT_FOUND' };

function server(service: string, status: number): Span {
  const attributes = { 'http.response.status_code': status };
  const times = { startMs: 0, durationMs: 1 };
  const rest = { parentId: undefined, name: 'GET', failed: false, events: [], ...times };
  return { spanId: service, service, kind: 'server', attributes, ...rest };
}

function line(service: string, errorCode?: string) {
  const fields = {
    timestamp: '2026-01-01T00:00:00.000Z',
    'service.name': service,
    trace_id: traceId,
  };
  const parsed = parseLogLine(JSON.stringify({ ...fields, error_code: errorCode }));
  assert.ok(parsed);
  return parsed;
}

const spans = [server('gateway', 404), server('catalog', 404)];
const lines = [line('gateway', 'ITEM_NOT_FOUND'), line('catalog', 'ITEM_NOT_FOUND')];

test('a failing response with its trace and lines has no gaps', () => {
  assert.deepEqual(findGaps(driven, spans, lines), []);
});

const breaks: [string, () => string[], RegExp][] = [
  ['no trace', () => findGaps(driven, undefined, lines), /no trace/],
  [
    'a service without spans',
    () => findGaps(driven, [server('gateway', 404)], lines),
    /no failed server span of catalog.*no server span of catalog/,
  ],
  [
    'a span that does not say that it failed',
    () => findGaps(driven, [server('gateway', 404), server('catalog', 200)], lines),
    /no failed server span of catalog/,
  ],
  [
    'a service without lines',
    () => findGaps(driven, spans, lines.slice(0, 1)),
    /no log line of catalog/,
  ],
  [
    'no error line at the edge',
    () => findGaps(driven, spans, [line('gateway'), line('catalog')]),
    /0 error lines of gateway/,
  ],
  [
    'two error lines at the edge',
    () => findGaps(driven, spans, [...lines, line('gateway', 'ITEM_NOT_FOUND')]),
    /2 error lines of gateway/,
  ],
  [
    'another code in the log',
    () => findGaps(driven, spans, [line('gateway', 'OTHER'), line('catalog')]),
    /says OTHER/,
  ],
  [
    'two error lines for one answer of a peer',
    () => findGaps(driven, spans, [...lines, line('catalog', 'ITEM_NOT_FOUND')]),
    /2 error lines of catalog for 1 answers/,
  ],
];

for (const [name, gaps, expected] of breaks) {
  test(`names ${name}`, () => assert.match(gaps().join('; '), expected));
}

test('names a call that no circuit refused and that never reached the provider', () => {
  const refused = { ...driven, kind: { ...driven.kind, refused: true as const } };
  assert.deepEqual(findGaps(refused, spans, lines), [
    'no circuit refused it, and the provider was not asked either',
  ]);
  const attributes = { 'resilience.reason': 'circuit_open' };
  const events = [{ name: 'resilience.rejection', timeMs: 0, attributes }];
  const withRefusal = [...spans, { ...server('payments', 503), events }];
  assert.deepEqual(findGaps(refused, withRefusal, lines), []);
});

test('counts responses, lines and metric by code and finds the one that differs', () => {
  const before = new Map([['ITEM_NOT_FOUND', 5]]);
  const same = countCodes([driven], lines, before, new Map([['ITEM_NOT_FOUND', 6]]));
  assert.deepEqual(same, [{ code: 'ITEM_NOT_FOUND', responses: 1, logLines: 1, counted: 1 }]);
  assert.ok(same.every(agrees));
  const more = countCodes([driven], lines, before, new Map([['ITEM_NOT_FOUND', 8]]));
  assert.ok(!more.every(agrees));
});

test('a code that was counted and never answered is found', () => {
  const counts = countCodes([], [], new Map(), new Map([['INTERNAL_ERROR', 1]]));
  assert.deepEqual(counts, [{ code: 'INTERNAL_ERROR', responses: 0, logLines: 0, counted: 1 }]);
});
