import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { embeddedSources } from './embedded-sources.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const RANGE = { fromMs: NOW - 60_000, toMs: NOW + 60_000 };
const traceIdOf = (i: number) => i.toString(16).padStart(32, '0');
const nanos = (ms: number) => `${ms}000000`;

function start(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'));
  const targetsFile = join(folder, 'targets.json');
  writeFileSync(targetsFile, '[]');
  const telemetry = embeddedSources({ logDirectory: folder, targetsFile });
  t.after(() => {
    telemetry.close();
    rmSync(folder, { recursive: true });
  });
  const write = (fields: object) =>
    writeFileSync(join(folder, 'todo.log'), `${JSON.stringify(fields)}\n`, { flag: 'a' });
  const answers = async (failedOnly = true) =>
    (await telemetry.sources.answers({ range: RANGE, limit: 10, failedOnly })).found;
  return { ...telemetry, write, answers };
}

function span(i: number, attributes: Record<string, string | number>, more: object = {}) {
  const spans = [
    {
      traceId: traceIdOf(i),
      spanId: i.toString(16).padStart(16, '0'),
      name: 'GET',
      kind: 2,
      startTimeUnixNano: nanos(NOW),
      endTimeUnixNano: nanos(NOW + 20),
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
      })),
      ...more,
    },
  ];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'todo' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

const status = (code: number) => ({ 'http.response.status_code': code });

test('a SERVER span that failed is a failure, also where its service writes no line of it', async (t) => {
  const { traces, answers } = start(t);
  traces.add(span(1, { ...status(500), 'http.request.method': 'GET', 'url.path': '/todos/7' }));
  traces.add(span(2, status(404)));
  traces.add(span(3, status(200)));
  traces.add(span(4, {}, { status: { code: 2, message: 'deadline' } }));
  traces.add(span(5, status(500), { kind: 3 }));
  const found = await answers();
  assert.deepEqual(
    found.map(({ traceId, status, message, saidBy }) => [traceId, status, message, saidBy]).sort(),
    [
      [traceIdOf(1), 500, 'Internal Server Error', 'span'],
      [traceIdOf(2), 404, 'Not Found', 'span'],
      [traceIdOf(4), undefined, 'deadline', 'span'],
    ],
  );
  const [failed] = found.filter(({ traceId }) => traceId === traceIdOf(1));
  assert.deepEqual(
    [failed?.method, failed?.route, failed?.service, failed?.durationMs],
    ['GET', '/todos/7', 'todo', 20],
  );
  assert.equal((await answers(false)).length, 4);
});

test('a failure that has a line is told once, by its line', async (t) => {
  const { traces, lines, write, answers } = start(t);
  const fields = (i: number) => ({
    timestamp: new Date(NOW + 19).toISOString(),
    'service.name': 'todo',
    trace_id: traceIdOf(i),
    'http.route': '/todos/:id',
    'http.response.status_code': 500,
    error_code: 'INTERNAL_ERROR',
    duration_ms: 18,
  });
  traces.add(span(1, status(500)));
  write(fields(1));
  traces.add(span(2, status(500)));
  const { timestamp: _, 'service.name': service, trace_id: traceId, ...own } = fields(2);
  lines.add({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeLogs: [
          {
            logRecords: [
              {
                traceId,
                timeUnixNano: nanos(NOW + 19),
                attributes: Object.entries(own).map(([key, value]) => ({
                  key,
                  value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
                })),
              },
            ],
          },
        ],
      },
    ],
  });
  const found = await answers();
  assert.deepEqual(
    found.map(({ errorCode, saidBy }) => [errorCode, saidBy]),
    [
      ['INTERNAL_ERROR', undefined],
      ['INTERNAL_ERROR', undefined],
    ],
  );
});

test('lines by OTLP and lines of files are in one order', async (t) => {
  const { lines, write, sources } = start(t);
  const traceId = traceIdOf(9);
  const record = (ms: number, text: string) => ({
    traceId,
    timeUnixNano: nanos(NOW + ms),
    body: { stringValue: text },
  });
  lines.add({
    resourceLogs: [{ scopeLogs: [{ logRecords: [record(1, 'one'), record(3, 'three')] }] }],
  });
  write({ timestamp: new Date(NOW + 2).toISOString(), trace_id: traceId, message: 'two' });
  const { found } = await sources.logs.ofTrace(traceId, RANGE);
  assert.deepEqual(
    found.map(({ message }) => message),
    ['one', 'two', 'three'],
  );
});
