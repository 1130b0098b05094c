import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { parseLogLine, type Sources } from '@breakwater/timeline';
import { CommandError } from '../errors.ts';
import { renderReport } from './report.ts';
import { verify } from './verify.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const CODE = 'TODO_NOT_FOUND';

/** What telemetry has of every failure. */
interface Kept {
  readonly span?: boolean;
  readonly line?: boolean;
  readonly series?: boolean;
}

function sourcesOf({ span = true, line = true, series = true }: Kept, code?: string): Sources {
  const attributes = {
    'http.response.status_code': 404,
    'http.route': '/todos/:id',
    ...(code === undefined ? {} : { 'breakwater.error_code': code }),
  };
  const text = (traceId: string) =>
    JSON.stringify({
      timestamp: new Date(NOW).toISOString(),
      'service.name': 'todo',
      message: 'a line',
      trace_id: traceId,
      span_id: 'a',
    });
  return {
    traces: {
      get: async () => ({
        found: span
          ? [
              {
                ...{
                  spanId: 'a',
                  parentId: 'client',
                  service: 'todo',
                  name: 'GET',
                  kind: 'server',
                },
                ...{ startMs: NOW, durationMs: 1, failed: false, attributes, events: [] },
              } as const,
            ]
          : [],
      }),
    },
    logs: {
      ofTrace: async (traceId) => {
        const parsed = parseLogLine(text(traceId));
        return { found: line && parsed ? [parsed] : [] };
      },
      within: async () => ({ found: [] }),
    },
    metrics: {
      query: async () => ({
        found: series ? [{ labels: { __name__: 'service_errors_total' }, value: 1 }] : [],
      }),
      exemplars: async () => ({ found: [] }),
    },
    links: () => ({}),
  };
}

/** A service that knows no todo. */
async function serve(t: TestContext, body: object, headers: Record<string, string> = {}) {
  const traceparents: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    traceparents.push(String(request.headers.traceparent));
    const found = request.url === '/todos/1';
    response.writeHead(found ? 200 : 404, headers).end(JSON.stringify(found ? {} : body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, traceparents };
}

const requests = ['/todos/1', '/todos/7'].map((path) => ({
  ...{ method: 'GET', path, headers: {}, body: undefined },
  expect: path === '/todos/1' ? 200 : 404,
}));

/** On a clock that only sleeping moves. */
function run(url: string, sources: Sources, more: object = {}) {
  let nowMs = NOW;
  return verify({
    ...{ url, requests, sources, settleMs: 1_000, now: () => nowMs },
    sleep: async (ms) => {
      nowMs += ms;
    },
    ...more,
  });
}

test('a failure that has its span, line and metric is joined', async (t) => {
  const { url, traceparents } = await serve(t, { error_code: CODE });
  const report = await run(url, sourcesOf({}, CODE));
  assert.equal(report.passed, true, renderReport(report));
  assert.deepEqual([report.requests, report.failing, report.joinRate], [2, 1, 1]);
  assert.match(traceparents[1] ?? '', new RegExp(`^00-${report.results[1]?.traceId}-`));
  assert.match(
    renderReport(report),
    /✓ GET \/todos\/7 {2}404 {2}[0-9a-f]{32}\n.*join rate: 100\.00 % of 1/s,
  );
});

test('the id that a service tells goes before the one that was sent', async (t) => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  const { url } = await serve(t, {}, { 'x-trace-id': id });
  assert.equal((await run(url, sourcesOf({}))).results[1]?.traceId, id);
});

for (const [name, kept, code, gap] of [
  ['its span', { span: false }, CODE, 'no SERVER span'],
  ['its line', { line: false }, CODE, 'no log line'],
  ['its metric', { series: false }, CODE, 'no metric that counts it'],
  ['its code', {}, 'ANOTHER', `no line and no span with the code ${CODE}`],
] as const) {
  test(`without ${name} it is not`, async (t) => {
    const { url } = await serve(t, { error_code: CODE });
    const report = await run(url, sourcesOf(kept, code));
    assert.equal(report.passed, false);
    assert.ok(report.results[1]?.gaps.includes(gap), report.results[1]?.gaps.join('; '));
    assert.match(renderReport(report), /✗ GET \/todos\/7/);
    assert.ok(report.settledS >= 1);
  });
}

test('of a service without codes no metric is asked', async (t) => {
  const { url } = await serve(t, { error: 'no such todo' });
  assert.equal((await run(url, sourcesOf({ series: false }))).passed, true);
});

test('another status than the expected one fails, and so does a file of successes', async (t) => {
  const { url } = await serve(t, {});
  const odd = requests.map((each) => ({ ...each, expect: 200 }));
  const report = await run(url, sourcesOf({}), { requests: odd });
  assert.equal(report.passed, false);
  assert.match(renderReport(report), / {4}expected 200\n/);
  const fine = await run(url, sourcesOf({}), { requests: requests.slice(0, 1) });
  assert.equal(fine.passed, false);
  assert.match(renderReport(fine), /none failed: add a request that does/);
});

test('a service that does not respond is one sentence', async () => {
  await assert.rejects(
    run('http://127.0.0.1:9', sourcesOf({})),
    (error: unknown) =>
      error instanceof CommandError &&
      /GET http:\/\/127\.0\.0\.1:9\/todos\/1 has no/.test(error.message),
  );
});
