import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '@breakwater/errors';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { Hono, type MiddlewareHandler } from 'hono';
import { json, route } from './route.ts';
import { testService } from './testing/test-service.ts';

const pass: MiddlewareHandler = async (_, next) => next();

/** A service whose routes lie over each other in every way Hono has. */
function overlapping() {
  const made = testService();
  const { app } = made.service;
  app.use('/admin/*', async (c, next) => {
    if (c.req.header('authorization') === undefined) throw new ConflictError('No.');
    await next();
  });
  app.get('/admin/users', (c) => c.json('users'));
  app.get('/items/*', pass);
  app.get('/items/search', (c) => c.json('search'));
  app.get('/items/:id', pass, (c) => c.json('item'));
  app.get('/items/:id/parts/:part{[0-9]+}', (c) => c.json('part'));
  app.get('/files/*', (c) => c.json('file'));
  app.get('/fall/:through', async (c, next) => {
    if (c.req.param('through') === 'stay') return c.json('stayed');
    return next();
  });
  app.get('/fall/further', (c) => c.json('further'));
  app.all('/any', (c) => c.json('any'));
  app.post('/missing/:id', (c) => c.notFound());
  app.route(
    '/sub',
    new Hono().get('/:name', (c) => c.json('sub')),
  );
  const own = new Hono().get('/:name', (c) => c.json('own'));
  own.onError((error) => {
    throw error;
  });
  app.route('/own', own);
  app.mount('/mounted', () => Response.json('mounted'));
  return made;
}

const CASES: [method: string, path: string, status: number, label: string][] = [
  ['GET', '/items/search', 200, '/items/search'],
  ['GET', '/items/7', 200, '/items/:id'],
  ['GET', '/items/7/parts/8', 200, '/items/:id/parts/:part{[0-9]+}'],
  ['GET', '/items/7/parts/x', 404, 'unmatched'],
  ['POST', '/items/7/parts/8', 405, 'unmatched'],
  ['POST', '/items/7/parts/x', 404, 'unmatched'],
  ['GET', '/items', 404, 'unmatched'],
  ['HEAD', '/items/search', 200, '/items/search'],
  ['GET', '/admin/users', 409, '/admin/users'],
  ['GET', '/admin/nobody', 409, '/admin/*'],
  ['GET', '/files/a/b', 200, '/files/*'],
  ['POST', '/files/a/b', 405, 'unmatched'],
  ['GET', '/fall/stay', 200, '/fall/:through'],
  ['GET', '/fall/further', 200, '/fall/further'],
  ['PUT', '/any', 200, '/any'],
  ['POST', '/missing/7', 404, '/missing/:id'],
  ['GET', '/sub/x', 200, '/sub/:name'],
  ['GET', '/own/x', 200, '/own/:name'],
  ['GET', '/mounted/anything', 200, '/mounted/*'],
  ['GET', '/nowhere', 404, 'unmatched'],
];

for (const [method, path, status, label] of CASES) {
  test(`${method} ${path} is ${label} in line and metric`, async () => {
    const { service, lines, registry } = overlapping();
    const response = await service.app.request(path, { method });
    assert.equal(response.status, status, await response.text());
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.['http.route'], label);
    const counted = (await registry.metrics()).match(/duration_seconds_count\{.*\} 1$/m)?.[0] ?? '';
    assert.ok(counted.includes(`http_request_method="${method}",http_route="${label}"`), counted);
  });
}

test('Allow names the methods that the router has for the path, wildcards and patterns included', async () => {
  const { service } = overlapping();
  const allow = async (method: string, path: string) =>
    (await service.app.request(path, { method })).headers.get('allow');
  assert.equal(await allow('POST', '/files/a/b'), 'GET, HEAD');
  assert.equal(await allow('OPTIONS', '/files/a'), 'GET, HEAD');
  assert.equal(await allow('DELETE', '/items/7/parts/8'), 'GET, HEAD');
  assert.equal(await allow('HEAD', '/missing/7'), 'POST');
  assert.equal(await allow('GET', '/missing/7'), 'POST');
});

class QuietError extends ConflictError {}

const declared = (path: string, errors: (typeof ConflictError)[]) =>
  route({
    method: 'get',
    path,
    request: { params: z.object({ id: z.string().optional() }) },
    responses: { 200: json(z.string(), 'It.') },
    errors,
  });

test('what an operation declares is asked of the handler, for HEAD too', async () => {
  const { service, lines } = testService();
  const refuse = () => {
    throw new QuietError('No.');
  };
  service.app.openapi(declared('/items/search', [ConflictError]), refuse as never);
  service.app.openapi(declared('/items/{id}', []), refuse as never);
  for (const method of ['GET', 'HEAD']) {
    for (const path of ['/items/search', '/items/7']) {
      await service.app.request(path, { method });
    }
  }
  assert.deepEqual(
    lines.map((line) => [line.message.split(' ')[0], line['http.route'], line.error_undeclared]),
    [
      ['GET', '/items/search', undefined],
      ['GET', '/items/:id', true],
      ['HEAD', '/items/search', undefined],
      ['HEAD', '/items/:id', true],
    ],
  );
});

test('a sub-app of declared operations keeps its templates', async () => {
  const { service, lines } = testService();
  const sub = new OpenAPIHono();
  sub.openapi(declared('/items/{id}', []), (c) => c.json('x', 200) as never);
  service.app.route('/v1', sub);
  await service.app.request('/v1/items/7');
  assert.equal(lines[0]?.['http.route'], '/v1/items/:id');
});
