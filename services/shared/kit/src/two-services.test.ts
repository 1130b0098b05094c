import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@breakwater/client';
import { ConflictError, NotFoundError } from '@breakwater/errors';
import { json, route } from '@breakwater/hono';
import { createLogger, registry as processRegistry } from '@breakwater/otel';
import { type LogLine, requester } from '@breakwater/testing';
import { z } from '@hono/zod-openapi';
import { createService, type Service } from './create-service.ts';
import { runService } from './run-service.ts';

class LibraryError extends Error {}

/** A service as a process would make it, with every default: nothing is given that keeps it apart. */
function make(name: string, error: typeof ConflictError | ReturnType<typeof NotFoundError.of>) {
  const lines: LogLine[] = [];
  const logger = createLogger({
    directory: undefined,
    write: (line) => lines.push(JSON.parse(line)),
  });
  const service = createService({
    name,
    description: `The ${name} API.`,
    logger,
    errorMappings: [
      (thrown) => (thrown instanceof LibraryError ? new ConflictError(`says ${name}`) : undefined),
    ],
  });
  const peer = createClient({
    name: 'catalog',
    baseUrl: 'http://127.0.0.1:9',
    resilience: service.resilience,
    policy: { retry: false, breaker: { trip: { kind: 'consecutive', failures: 1 } } },
  });
  const ask = route({
    method: 'get',
    path: `/${name}`,
    responses: { 200: json(z.string(), 'It.') },
    errors: [error],
  });
  service.app.openapi(ask, () => {
    throw new LibraryError();
  });
  const call = () => peer.call({ method: 'GET', path: '/', response: z.unknown() });
  const request = requester(service.app);
  const operate = requester(service.operations);
  const metrics = async () =>
    (await service.operations.request('/metrics', { headers: { host: '127.0.0.1' } })).text();
  return { service, lines, call, request, operate, metrics };
}

test('two services of one process keep metrics, lines, circuits, errors and mappings apart', async () => {
  const [front, back] = [make('front', ConflictError), make('back', NotFoundError.of('ship'))];
  const own = await front.request('GET', '/front');
  await front.request('GET', '/back');
  await front.call().catch(() => undefined);

  assert.deepEqual([own.status, own.body.message], [409, 'says front']);
  assert.equal((await back.request('GET', '/back')).body.message, 'says back');
  assert.ok(front.lines.every(({ message }) => !message.startsWith('GET /back 409')));
  assert.deepEqual(
    back.lines.map(({ message }) => message),
    ['GET /back 409 CONFLICT: says back'],
  );

  const [ours, theirs] = [await front.metrics(), await back.metrics()];
  assert.match(ours, /_count\{.*http_route="\/front".*\} 1$/m);
  assert.doesNotMatch(theirs, /http_route="(\/front|unmatched)"/);
  assert.match(ours, /^resilience_circuit_breaker_status\{breaker="catalog",state="open"\} 1$/m);
  assert.match(theirs, /^resilience_circuit_breaker_status\{breaker="catalog",state="open"\} 0$/m);

  const states = async ({ operate }: typeof front) =>
    (await operate('GET', '/breakers')).body.breakers.map(({ state }: { state: string }) => state);
  assert.deepEqual([await states(front), await states(back)], [['open'], ['closed']]);
  assert.ok(front.lines.some(({ message }) => /catalog.*open/.test(message)));
  assert.ok(!back.lines.some(({ message }) => /catalog/.test(message)));

  const codes = async ({ operate }: typeof front) =>
    (await operate('GET', '/errors')).body.errors.map(({ code }: { code: string }) => code);
  assert.ok((await codes(back)).includes('SHIP_NOT_FOUND'));
  assert.ok(!(await codes(front)).includes('SHIP_NOT_FOUND'));
});

test('each shows what belongs to the process, once, in a text that can be read', async () => {
  const { service, metrics } = make('front', ConflictError);
  const running = await runService(service, {
    port: 0,
    host: '127.0.0.1',
    drainMs: 0,
    operations: { port: 0, host: '127.0.0.1' },
  });
  const text = await metrics();
  await running.close();
  const families = text.match(/^# TYPE (\S+)/gm) ?? [];
  assert.equal(new Set(families).size, families.length, 'each family once');
  assert.match(text, /^process_cpu_user_seconds/m);
  assert.match(text, /^http_server_active_requests_limit 200$/m);
  assert.equal(text.match(/^# EOF$/gm)?.length, 1);
  assert.ok(text.endsWith('# EOF\n'));
});

test('a service registers nothing with the process', () => {
  const before = processRegistry.getMetricsAsArray().map(({ name }) => name);
  const services: Service[] = [];
  for (const name of ['front', 'back', 'front']) services.push(make(name, ConflictError).service);
  const after = processRegistry.getMetricsAsArray().map(({ name }) => name);
  assert.deepEqual(after, before);
  assert.equal(new Set(services.map(({ registry }) => registry)).size, 3);
  assert.equal(new Set(services.map(({ resilience }) => resilience)).size, 3);
});
