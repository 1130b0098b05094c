import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type AnsweredRequest,
  BackendError,
  type Exemplar,
  type Findings,
  type LogLine,
  type MetricSource,
  type Span,
} from '@breakwater/timeline';
import { memorySources, NOW, shop, testApp } from '../test-app.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&';

function span(id: number, parent: number | undefined, more: Partial<Span> = {}): Span {
  const hex = (n: number) => n.toString(16).padStart(16, '0');
  return {
    spanId: hex(id),
    parentId: parent === undefined ? undefined : hex(parent),
    ...{ service: 'gateway', name: `span ${id}`, kind: 'server', startMs: NOW + id / 100 },
    ...{ durationMs: 5, failed: false, attributes: {}, events: [], ...more },
  };
}

function line(message: string, spanId: string, fields: object = {}): LogLine {
  const all = { message, trace_id: TRACE, span_id: spanId, ...fields };
  return {
    ...{ timeMs: NOW + 1, service: 'gateway', level: 'error', message, traceId: TRACE, spanId },
    errorCode: 'DEPENDENCY_TIMEOUT',
    fields: {
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 504,
      request_id: 'r1',
      ...all,
    },
  };
}

function answer(more: Partial<AnsweredRequest> = {}): AnsweredRequest {
  return {
    ...{ timeMs: NOW, traceId: TRACE, spanId: undefined, requestId: 'r1', service: 'gateway' },
    ...{ method: 'POST', route: '/orders', status: 504, durationMs: 10 },
    ...{ errorCode: 'DEPENDENCY_TIMEOUT', message: 'too late', ...more },
  };
}

test('whatever telemetry says is text', async (t) => {
  const spans = [
    span(1, undefined, { name: SCRIPT, service: SCRIPT, attributes: { [SCRIPT]: SCRIPT } }),
    span(2, 1, { events: [{ name: SCRIPT, timeMs: NOW, attributes: { [SCRIPT]: SCRIPT } }] }),
  ];
  const lines = [
    line(SCRIPT, span(1, undefined).spanId, { 'exception.message': SCRIPT, [SCRIPT]: SCRIPT }),
  ];
  const answers = [answer({ message: SCRIPT, route: SCRIPT, service: SCRIPT, errorCode: SCRIPT })];
  const { page } = testApp(t, { spans, lines, answers });
  const asked = encodeURIComponent(SCRIPT);
  for (const path of [
    '/',
    '/trace',
    `/trace?q=${asked}`,
    `/trace/${TRACE}`,
    `/trace/${TRACE}?find=${encodeURIComponent('<script>')}`,
    `/experiments/compare?run=${asked}&run=${asked}`,
  ]) {
    const html = await page(path);
    assert.doesNotMatch(html, /<script>alert|<img src=x/, path);
  }
  assert.match(await page(`/trace/${TRACE}`), /&lt;script&gt;alert\(1\)/);
});

test('the timeline has what the client saw, the spans, the attempts, decisions and lines', async (t) => {
  const root = span(1, undefined, { failed: true, name: 'POST /orders' });
  const retry = { name: 'resilience.retry', timeMs: NOW + 2 };
  const spans = [
    root,
    span(2, 1, {
      kind: 'client',
      attributes: { 'http.request.resend_count': 1 },
      events: [
        {
          ...retry,
          attributes: {
            'resilience.dependency': 'orders',
            'resilience.delay_ms': 31.4159,
            'resilience.reason': 'timeout',
          },
        },
      ],
    }),
  ];
  const lines = [line('orders did not answer', root.spanId), line('stray', 'ffff', {})];
  const html = await testApp(t, { spans, lines }).page(`/trace/${TRACE}`);
  assert.match(html, /What the client saw/);
  assert.match(html, /X-Request-ID: r1/);
  assert.match(html, /attempt 2/);
  assert.match(html, /tries orders again in 31\.4 ms: timeout/);
  assert.match(html, /orders did not answer/);
  assert.match(html, /stray/);
  assert.match(html, /href="#line-\d"/, 'a marker leads to its line');
  assert.match(html, /http:\/\/127\.0\.0\.1:16686\/trace\/0af7/);
});

test('a marker is called what it shows, however long its line is', async (t) => {
  const root = span(1, undefined);
  const lines = [line('too long '.repeat(40), root.spanId)];
  const html = await testApp(t, { spans: [root], lines }).page(`/trace/${TRACE}`);
  const [, label, title] = /aria-label="(\w+: too[^"]*)".*?<title>([^<]*)</.exec(html) ?? [];
  assert.ok(label);
  assert.equal(label, title);
});

for (const [shape, parent] of [
  ['wide', () => 1],
  ['deep', (id: number) => id - 1],
] as const) {
  test(`a ${shape} trace of 10,000 spans is bounded, and what is not shown can be found`, async (t) => {
    const spans = Array.from({ length: 10_000 }, (_, i) =>
      span(i + 1, i === 0 ? undefined : parent(i + 1)),
    );
    const lines = spans.map(({ spanId }, i) => line(`line ${i}`, spanId));
    const { page } = testApp(t, { spans, lines });
    const began = performance.now();
    const html = await page(`/trace/${TRACE}`);
    assert.ok(performance.now() - began < 5_000);
    assert.ok(html.length < 3_000_000, `${html.length} characters`);
    assert.match(html, /10,000 spans/);
    assert.equal(html.match(/<td class="depth-/g)?.length, 500);
    assert.match(html, /9,500 more rows are not shown/);
    assert.match(html, /9,500 more lines are not shown/);
    if (shape === 'wide') {
      const found = await page(`/trace/${TRACE}?find=span+9999`);
      assert.match(found, /span 9999/);
      assert.equal(found.match(/<td class="depth-/g)?.length, 2, 'it and the one above it');
    }
  });
}

test('an id is found as it is, in a traceparent, or not at all', async (t) => {
  const { ask, page } = testApp(t);
  for (const q of [TRACE, TRACE.toUpperCase(), `00-${TRACE}-b7ad6b7169203331-01`]) {
    const response = await ask(`/trace?q=${q}`);
    assert.deepEqual([response.status, response.headers.get('location')], [302, `/trace/${TRACE}`]);
  }
  assert.equal((await ask('/trace/nonsense')).status, 404);
  assert.equal((await ask(`/trace/${'0'.repeat(32)}`)).status, 404);
  const unknown = await page(`/trace/${TRACE}`);
  assert.match(unknown, /Nothing is known/);
  assert.match(unknown, /data-reload/);
});

test('answers are found by code, route, request id and service', async (t) => {
  const other = { traceId: '1'.repeat(32), errorCode: 'ITEM_NOT_FOUND', route: '/items/:id' };
  const answers = [
    answer(),
    answer({ ...other, requestId: 'r2', service: 'catalog', status: 404 }),
  ];
  const { page } = testApp(t, { answers });
  const found = async (query: string) =>
    (await page(`/trace?${query}`)).match(/href="\/trace\/\w{32}"/g)?.length ?? 0;
  assert.equal(await found(''), 2);
  for (const query of ['q=ITEM_NOT_FOUND', 'q=/items/:id', 'q=r2', 'service=catalog', 'q=r1']) {
    assert.equal(await found(query), 1, query);
  }
  assert.equal(await found('q=NOWHERE&minutes=99999'), 0);
});

test('of a request that failed through several services the outermost answer is listed', async (t) => {
  const answers = [
    answer({ service: 'payments', timeMs: NOW - 2, durationMs: 1 }),
    answer({ service: 'orders', durationMs: 3 }),
    answer({ service: 'gateway', durationMs: 9 }),
  ];
  const html = await testApp(t, { answers }).page('/');
  assert.match(html, /<td>gateway<\/td>/);
  assert.doesNotMatch(html, /<td>orders<\/td>|<td>payments<\/td>/);
});

const down = (backend: string, port: number) => () =>
  Promise.reject(
    new BackendError(backend, `http://127.0.0.1:${port}/x`, 'does not respond (ECONNREFUSED)'),
  );

test('a page shows what it can while a source is down', async (t) => {
  const { address, trip } = await shop(t);
  await trip();
  const sources = { ...memorySources({}), answers: down('Loki', 3100) };
  const { ask } = testApp(t, { sources, places: [address, '127.0.0.1:9'] });
  const response = await ask('/');
  const html = await response.text();
  assert.equal(response.status, 200);
  assert.match(html, /Loki at http:\/\/127\.0\.0\.1:3100 does not respond/);
  assert.doesNotMatch(html, /No answer has failed/);
  assert.match(html, /Not known: not all could be read/);
  assert.match(html, /does not answer<\/span>/, 'a service that is silent');
  assert.match(html, /The circuits of shop \(127\.0\.0\.1:9\) are not known\./);
  assert.match(html, /data-circuit="shop\/provider"/);
  assert.match(html, /state-open/);
  assert.match(html, /closed → open, tripped \(<code>DEPENDENCY_UNAVAILABLE<\/code>\)/);
  assert.match(html, /3 of 10/, 'the bounds');
});

const exemplarsOf = (metric: string, labels: Record<string, string>): Findings<Exemplar> => ({
  found: [{ metric, labels: { __name__: metric, ...labels }, traceId: TRACE, timeMs: NOW }],
});

test('while Loki is down failures are those that metrics name', async (t) => {
  const labels = { service_name: 'gateway', http_route: '/orders' };
  const metrics: MetricSource = {
    query: async () => ({ found: [] }),
    exemplars: async (selector) =>
      selector.startsWith('service_errors_total')
        ? exemplarsOf(selector, { ...labels, error_code: 'CIRCUIT_OPEN' })
        : exemplarsOf(selector, { ...labels, http_response_status_code: '503' }),
  };
  const logs = { ofTrace: down('Loki', 3100), within: down('Loki', 3100) };
  const sources = { ...memorySources({}), answers: down('Loki', 3100), logs, metrics };
  const { page } = testApp(t, { sources });
  for (const path of ['/', '/trace', '/trace?q=CIRCUIT_OPEN', '/trace?service=gateway']) {
    const html = await page(path);
    assert.match(html, new RegExp(`href="/trace/${TRACE}"><span[^>]*>503</span> CIRCUIT_OPEN`));
    assert.match(html, /by the traces that metrics name/);
  }
  const other = await page('/trace?q=ITEM_NOT_FOUND');
  assert.match(other, /Not known: not all could be read/);

  const timeline = await page(`/trace/${TRACE}`);
  assert.match(timeline, /<code>CIRCUIT_OPEN<\/code><\/a> from gateway/);
  assert.match(timeline, /says its metric/);
  assert.match(timeline, /not known: its log line is missing/);
  assert.match(timeline, /Loki at http/);
  assert.doesNotMatch(timeline, /did not fail/);
});

test('what no backend could be asked for is not said to be nothing', async (t) => {
  const refuse = down('Jaeger', 16686);
  const sources = {
    ...memorySources({}),
    traces: { get: refuse },
    logs: { ofTrace: refuse, within: refuse },
    metrics: { query: refuse, exemplars: refuse },
    answers: refuse,
    traffic: refuse,
    breakers: refuse,
    bounds: refuse,
  };
  const { page, folder } = testApp(t, { sources });
  rmSync(join(folder, 'services.json'));
  const said =
    /No answer has failed|Nothing was found|Nothing is known|did not fail|No process told/;
  for (const path of ['/', '/trace', '/circuits', `/trace/${TRACE}`]) {
    const html = await page(path);
    assert.match(html, /[Nn]ot known/, path);
    assert.doesNotMatch(html, said, path);
  }
  assert.match(await page('/circuits'), /The file of targets, .*cannot be read \(ENOENT\)/);
});

test('one trace id that is sent a thousand times hides no failure of another', async (t) => {
  const crowd = Array.from({ length: 1_000 }, (_, i) =>
    answer({ timeMs: NOW - i, durationMs: 0.5, requestId: `r${i}`, errorCode: 'NOT_MINE' }),
  );
  const others = Array.from({ length: 5 }, (_, i) =>
    answer({ timeMs: NOW - 60_000 - i, traceId: `${i}`.repeat(32), errorCode: 'CIRCUIT_OPEN' }),
  );
  const { page } = testApp(t, { answers: [...crowd, ...others] });
  const html = await page('/');
  assert.equal(html.match(/CIRCUIT_OPEN/g)?.length, 5);
  assert.equal(html.match(/NOT_MINE/g)?.length, 3);
  assert.match(html, /request r0<\/span> <span class="why">and 97 more of this trace id/);
});

test('requests that share one trace id are told apart, each with its id, code and service', async (t) => {
  const lines = Array.from({ length: 12 }, (_, i) => {
    const written = line(`failure ${i}`, span(i + 1, undefined).spanId, { request_id: `r${i}` });
    return { ...written, timeMs: NOW + i * 1_000, errorCode: `CODE_${i}` };
  });
  const html = await testApp(t, { lines }).page(`/trace/${TRACE}`);
  assert.match(html, /12 responses share this id: 12 failed, 0 succeeded\./);
  for (const i of [0, 9]) {
    assert.match(html, new RegExp(`<code>CODE_${i}</code></a> from gateway`));
    assert.match(html, new RegExp(`X-Request-ID: r${i}\n`));
  }
  assert.doesNotMatch(html, /<code>CODE_10<\/code>/);
  assert.match(html, /2 more failed; their lines are below/);
});

test('the catalogue has the errors of the services that answer', async (t) => {
  const { address } = await shop(t);
  const html = await testApp(t, { places: [address] }).page('/catalogue');
  assert.match(html, /id="BREAKER_NOT_FOUND"/);
  assert.match(html, /GET \/breakers says which state it is in/);
});

test('files of the pages are there, under the version that pages name only', async (t) => {
  const { ask, page } = testApp(t);
  const paths = (await page('/')).match(/\/static\/[^"]+/g) ?? [];
  assert.equal(paths.length, 4);
  for (const path of paths) {
    const response = await ask(path);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('cache-control') ?? '', /immutable/);
  }
  assert.equal((await ask('/static/other/console.css')).status, 404);
  assert.equal((await ask(`${paths[0]}/../../../package.json`)).status, 404);
});
