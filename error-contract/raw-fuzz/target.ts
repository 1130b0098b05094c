/**
 * A service in this process with an operation of each kind.
 *
 * @module
 */
import { inDigits } from '@breakwater/contracts';
import { ConflictError, NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import { createService, runService } from '@breakwater/kit';
import { testTelemetry } from '@breakwater/testing';
import { z } from '@hono/zod-openapi';
import { streamText } from 'hono/streaming';
import type { Operation } from './case.ts';
import type { FuzzTarget } from './run.ts';

const note = z.strictObject({ text: z.string().max(100) });

const OPERATIONS: readonly Operation[] = [
  { method: 'GET', target: '/ok', status: 200 },
  { method: 'HEAD', target: '/ok', status: 200 },
  { method: 'GET', target: '/later', status: 200 },
  { method: 'GET', target: '/streamed', status: 200 },
  { method: 'GET', target: '/items?limit=3', status: 200 },
  { method: 'GET', target: '/items?limit=1e3', status: 422 },
  { method: 'GET', target: '/items?limit=', status: 422 },
  { method: 'GET', target: '/items/7', status: 200 },
  { method: 'GET', target: '/items/%ff', status: 404 },
  { method: 'GET', target: '/items/..%2f7', status: 404 },
  { method: 'GET', target: '/conflict', status: 409 },
  { method: 'GET', target: '/nowhere?a=%00', status: 404 },
  { method: 'HEAD', target: '/nowhere', status: 404 },
  { method: 'DELETE', target: '/ok', status: 405 },
  { method: 'OPTIONS', target: '/ok', status: 405 },
  { method: 'TRACE', target: '/ok', status: 405 },
  { method: 'PROPFIND', target: '/ok', status: 405 },
  ...notes('{"text":"a"}', 201),
  ...notes('{"text":', 422),
  ...notes('{"text":"\\ud800"}', 422),
  ...notes('{"text":"\xff"}', 422),
  ...notes('{"text":"a"}', 415, 'Content-Encoding: gzip'),
  { ...post('{"text":"a"}', 415), headers: ['Content-Type: text/plain'] },
  ...notes(`{"text":"${'a'.repeat(5_000)}"}`, 413),
  { ...post('ignored by who answers', 201), target: '/unread' },
];

function post(text: string, status: number): Operation {
  return { method: 'POST', target: '/notes', body: text, status };
}

function notes(text: string, status: number, ...headers: string[]): Operation[] {
  return [{ ...post(text, status), headers: ['Content-Type: application/json', ...headers] }];
}

/** Starts it; `stop` ends it. */
export async function startTarget(): Promise<FuzzTarget & { stop(): Promise<void> }> {
  const { logger, registry, lines } = testTelemetry('fuzzed');
  const service = createService({
    name: 'fuzzed',
    description: 'What is fuzzed.',
    maxBodyBytes: 4_000,
    ...{ logger, registry },
  });
  const { app } = service;
  app.get('/ok', (c) => c.text('ok'));
  app.get('/later', async (c) => {
    await new Promise(setImmediate);
    return c.json({ ok: true });
  });
  app.get('/streamed', (c) =>
    streamText(c, async (stream) => {
      for (let i = 0; i < 3; i++) await stream.write(`part ${i}`);
    }),
  );
  app.get('/conflict', () => {
    throw new ConflictError('Not now.');
  });
  app.post('/unread', (c) => c.text('made', 201));
  app.openapi(
    route({
      method: 'get',
      path: '/items',
      request: { query: z.strictObject({ limit: inDigits(z.int().min(1).max(9)).optional() }) },
      responses: { 200: json(z.unknown(), 'The items.') },
    }),
    (c) => c.json([c.req.valid('query').limit], 200),
  );
  app.openapi(
    route({
      method: 'get',
      path: '/items/{id}',
      request: { params: z.strictObject({ id: z.string() }) },
      responses: { 200: json(z.unknown(), 'The item.') },
      errors: [NotFoundError.of('item')],
    }),
    (c) => {
      const { id } = c.req.valid('param');
      if (!/^\d+$/.test(id)) throw new NotFoundError('item', id);
      return c.json({ id }, 200);
    },
  );
  app.openapi(
    route({
      method: 'post',
      path: '/notes',
      request: { body: body(note) },
      responses: { 201: json(note, 'The note.') },
    }),
    (c) => c.json(c.req.valid('json'), 201),
  );
  const running = await runService(service, {
    port: 0,
    host: '127.0.0.1',
    operations: { port: 0, host: '127.0.0.1' },
  });
  return {
    port: running.port,
    operations: OPERATIONS,
    lines: () => lines,
    metrics: () => registry.metrics(),
    stop: () => running.close(),
  };
}
