import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError, DependencyUnavailableError, NotFoundError } from '@breakwater/errors';
import type { LogLine } from '@breakwater/testing';
import { testService } from './testing/test-service.ts';

test('a request is one line and one metric, by the template of its route', async () => {
  const { service, request, lines, registry } = testService();
  service.app.get('/items/:id', (c) => c.json({ id: c.req.param('id') }));
  const { headers } = await request('GET', '/items/42?secret=1');

  assert.equal(lines.length, 1);
  const { message, level, trace_id, request_id, duration_ms } = lines[0] as LogLine;
  assert.deepEqual([message, level], ['GET /items/:id 200', 'info']);
  assert.equal(trace_id, headers.get('x-trace-id'));
  assert.equal(request_id, headers.get('x-request-id'));
  assert.ok(typeof duration_ms === 'number' && duration_ms >= 0);
  const metrics = await registry.metrics();
  assert.match(
    metrics,
    /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/items\/:id",http_response_status_code="200",url_scheme="http"\} 1/,
  );
  assert.doesNotMatch(metrics, /service_errors_total\{/);
  assert.match(
    metrics,
    /^http_server_active_requests\{http_request_method="GET",url_scheme="http"\} 0$/m,
  );
});

test('metrics with a name of the HTTP conventions have their labels and buckets', async () => {
  const { service, request, registry } = testService();
  service.app.get('/fail', () => {
    throw new DependencyUnavailableError('catalog');
  });
  service.app.on('PROPFIND', '/odd', (c) => c.json('odd'));
  await request('GET', '/fail');
  await request('PROPFIND', '/odd');
  await request('GET', '/missing');
  const metrics = await registry.metrics();
  const counts = [...metrics.matchAll(/^http_server_request_duration_seconds_count(\{.*\}) 1$/gm)];
  assert.deepEqual(counts.map(([, labels]) => labels).sort(), [
    '{http_request_method="GET",http_route="/fail",http_response_status_code="503",url_scheme="http",error_type="503"}',
    '{http_request_method="GET",http_route="unmatched",http_response_status_code="404",url_scheme="http"}',
    '{http_request_method="_OTHER",http_route="/odd",http_response_status_code="200",url_scheme="http"}',
  ]);
  const bounds = [...metrics.matchAll(/_bucket\{[^}]*"\/odd"[^}]*le="([^"]+)"/g)];
  // "Metric: http.server.request.duration" of the semantic conventions.
  const advised = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  assert.deepEqual(
    bounds.map(([, bound]) => bound),
    [...advised.map(String), '+Inf'],
  );
});

test('requests in flight are counted by method, each until it has its response', async () => {
  const { service, request } = testService();
  const inside: number[] = [];
  service.app.on(['POST', 'PROPFIND'], '/work', async (c) => {
    inside.push(service.metrics.active);
    if (c.req.method === 'POST') await request('PROPFIND', '/work');
    return c.json('done');
  });
  await request('POST', '/work');
  assert.deepEqual([...inside, service.metrics.active], [1, 2, 0]);
});

test('a technical error is counted by the dependency that it is about, within a bound', async () => {
  const { service, request, registry } = testService();
  service.app.get('/by/:name', (c) => {
    throw new DependencyUnavailableError(c.req.param('name'));
  });
  service.app.get('/bug', () => {
    throw new Error('a bug');
  });
  service.app.get('/rule', () => {
    throw new ConflictError('No.', { context: { dependency: 'catalog' } });
  });
  for (let i = 0; i < 60; i++) await request('GET', `/by/d${i}`);
  await request('GET', '/bug');
  await request('GET', '/rule');
  const series = (await registry.metrics()).match(/^service_errors_total\{.*\} \d+/gm) ?? [];
  const of = (text: string) => series.filter((line) => line.includes(text));
  assert.equal(of('dependency="d7"')[0]?.slice(-2), ' 1');
  assert.equal(of('dependency="other"')[0]?.slice(-3), ' 10');
  assert.equal(of('dependency=').length, 51);
  assert.equal(of('INTERNAL_ERROR').length, 1);
});

test('paths that no route has share one series', async () => {
  const { request, registry, lines } = testService();
  for (const path of ['/a', '/b', '/c/d']) await request('GET', path);
  const series = (await registry.metrics()).match(/_count\{[^}]*http_route="[^"]*"/g) ?? [];
  assert.equal(series.length, 1);
  assert.match(series[0] ?? '', /unmatched/);
  assert.equal(lines.length, 3);
});

test('a failure is one line at the level of its kind, with all that is known', async () => {
  const { service, request, lines } = testService();
  const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432');
  service.app.get('/fail/:how', (c) => {
    if (c.req.param('how') === 'client') throw new NotFoundError('item', 7);
    throw new DependencyUnavailableError('catalog', { cause, internal: { password: 'p', try: 2 } });
  });
  await request('GET', '/fail/client');
  await request('GET', '/fail/server', { headers: { 'x-request-id': 'mine' } });

  assert.equal(lines.length, 2);
  const [client, server] = lines;
  assert.equal(client?.level, 'info');
  assert.equal(client?.error_type, 'client');
  assert.equal(client?.['exception.stacktrace'], undefined, 'no stack for what is no bug of ours');
  assert.equal(server?.level, 'error');
  assert.deepEqual(
    {
      code: server?.error_code,
      type: server?.error_type,
      class: server?.['exception.type'],
      text: server?.['exception.message'],
      method: server?.['http.request.method'],
      route: server?.['http.route'],
      status: server?.['http.response.status_code'],
      request: server?.request_id,
      context: server?.context,
      internal: server?.internal,
      causes: server?.causes,
    },
    {
      code: 'DEPENDENCY_UNAVAILABLE',
      type: 'technical',
      class: 'DependencyUnavailableError',
      text: 'catalog is unavailable.',
      method: 'GET',
      route: '/fail/:how',
      status: 503,
      request: 'mine',
      context: { dependency: 'catalog' },
      internal: { delivery: 'answered', password: '[redacted]', try: 2 },
      causes: [{ type: 'Error', message: cause.message }],
    },
  );
  assert.match(String(server?.['exception.stacktrace']), /ECONNREFUSED[\s\S]*observe\.test/);
});

test('a rejection is our own decision: its stack would say nothing', async () => {
  const { service, request, lines } = testService();
  service.app.get('/', () => {
    throw new DependencyUnavailableError('catalog', { delivery: 'not_sent' });
  });
  await request('GET', '/');
  assert.equal(lines[0]?.['exception.stacktrace'], undefined);
});

test('an error response made by hand is a bug of ours', async () => {
  const { service, request, lines } = testService();
  service.app.get('/', (c) => c.json({ oops: true }, 418));
  assert.equal((await request('GET', '/')).status, 418);
  assert.equal(lines[0]?.error_code, 'INTERNAL_ERROR');
  assert.match(JSON.stringify(lines[0]?.causes), /responded with 418 without throwing/);
});

test('health, readiness and metrics make no noise, until they fail', async () => {
  const { service, request, operate, lines, registry } = testService();
  await request('GET', '/healthz');
  for (const path of ['/healthz', '/readyz', '/errors', '/breakers']) await operate('GET', path);
  const scrape = () => service.operations.request('/metrics', { headers: { host: '127.0.0.1' } });
  assert.doesNotMatch(await (await scrape()).text(), /http_request_method/);
  assert.equal(lines.length, 0);
  const metrics = registry.metrics;
  registry.metrics = () => Promise.reject(new Error('a collector broke'));
  assert.equal((await scrape()).status, 500);
  assert.equal(lines.at(-1)?.error_code, 'INTERNAL_ERROR');
  registry.metrics = metrics;
  assert.match(await registry.metrics(), /service_errors_total\{.*http_route="\/metrics".*\} 1/);
});

test('an error that its operation does not declare is marked in its line and in /errors', async () => {
  const { service, request, operate, lines } = testService();
  service.app.get('/quiet', () => {
    throw new ConflictError('No.');
  });
  await request('GET', '/quiet');
  await request('GET', '/nowhere');
  assert.deepEqual(
    lines.map(({ error_undeclared }) => error_undeclared),
    [true, undefined],
  );
  const { errors } = (await operate('GET', '/errors')).body;
  const conflict = errors.find(({ code }: { code: string }) => code === 'CONFLICT');
  assert.deepEqual(conflict.undeclared_by, ['GET /quiet']);
});
