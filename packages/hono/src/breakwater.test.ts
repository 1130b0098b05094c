import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConflictError } from '@breakwater/errors';
import { Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import { createRegistry } from '@breakwater/telemetry';
import { requester, testTelemetry } from '@breakwater/testing';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import { type BreakwaterOptions, breakwater } from './breakwater.ts';

/** A plain app, adopted, with its lines and its metrics. */
function adopted(options: Partial<BreakwaterOptions> = {}) {
  const { logger, registry, lines } = testTelemetry('todo');
  const app = new Hono<{ Variables: { user: string } }>();
  const resilience = new Resilience();
  const made = breakwater(app, { name: 'todo', logger, registry, resilience, ...options });
  return { ...made, app, lines, request: requester(app), operate: requester(made.operations) };
}

describe('an app that is there already', () => {
  test('needs its name alone', async () => {
    const app = new Hono();
    const made = breakwater(app, { name: 'todo', registry: createRegistry(), logger: false });
    app.get('/fail', () => {
      throw new Error('a bug');
    });
    const { status, body, headers } = await requester(app)('GET', '/fail');
    assert.deepEqual([status, body.error_code, body.service_name], [500, 'INTERNAL_ERROR', 'todo']);
    assert.equal(headers.get('x-trace-id'), body.trace_id);
    assert.equal((await requester(made.operations)('GET', '/readyz')).status, 200);
  });

  test('has one line and one count for a failure, joined by its trace id', async () => {
    const { app, lines, request, registry } = adopted();
    app.post('/todos', () => {
      throw new ConflictError('It is there.');
    });
    const { body } = await request('POST', '/todos', { body: {} });
    assert.deepEqual(
      lines.map(({ message, trace_id, error_code }) => [message, trace_id, error_code]),
      [['POST /todos 409 CONFLICT: It is there.', body.trace_id, 'CONFLICT']],
    );
    const counted = /service_errors_total\{http_route="\/todos",error_code="CONFLICT",.*\} 1/;
    assert.match(await registry.metrics(), counted);
  });

  test('keeps the status and the message of an HTTPException', async () => {
    const { app, request } = adopted();
    app.get('/pay', () => {
      throw new HTTPException(402, { message: 'Pay first.' });
    });
    const { status, body } = await request('GET', '/pay');
    assert.deepEqual([status, body.error_code, body.message], [402, 'HTTP_402', 'Pay first.']);
  });

  test('reads an HTTPException of another copy of Hono by its shape', async () => {
    class HTTPException extends Error {
      readonly status = 403;
      getResponse = () => new Response(this.message, { status: 403 });
    }
    const { app, request } = adopted();
    app.get('/', () => {
      throw new HTTPException('Not you.');
    });
    const { status, body } = await request('GET', '/');
    assert.deepEqual([status, body.message], [403, 'Not you.']);
  });

  test('tells malformed JSON of a client from that of its own', async () => {
    const { app, lines } = adopted();
    app.post('/theirs', async (c) => c.json(await c.req.json()));
    app.post('/ours', (c) => c.json(JSON.parse('{')));
    const post = (path: string) => app.request(path, { method: 'POST', body: '{' });
    const theirs = await post('/theirs');
    assert.deepEqual(
      [theirs.status, ((await theirs.json()) as { error_code: string }).error_code],
      [422, 'VALIDATION_ERROR'],
    );
    assert.equal((await post('/ours')).status, 500);
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['info', 'error'],
    );
  });

  test('responds to errors by an onError of its own, set before or after, which is told and joined', async () => {
    const own = (app: Hono) => app.onError((error, c) => c.text(`own: ${error.message}`, 503));
    for (const when of ['before', 'after']) {
      const { logger, registry, lines } = testTelemetry();
      const app = new Hono();
      if (when === 'before') own(app);
      breakwater(app, { name: 'todo', logger, registry, resilience: new Resilience() });
      if (when === 'after') own(app);
      app.get('/', () => {
        throw new ConflictError('taken');
      });
      const response = await app.request('/');
      assert.deepEqual([response.status, await response.text()], [503, 'own: taken'], when);
      assert.equal(lines[0]?.trace_id, response.headers.get('x-trace-id'));
      assert.deepEqual([lines.length, lines[0]?.error_code], [1, 'CONFLICT']);
    }
  });

  test('has a response of the contract where its own onError fails', async () => {
    const { app, request, lines } = adopted();
    app.onError(() => {
      throw new Error('onError is broken');
    });
    app.get('/', () => {
      throw new Error('a bug');
    });
    assert.equal((await request('GET', '/')).body.error_code, 'INTERNAL_ERROR');
    assert.match(JSON.stringify(lines), /a bug.*onError is broken/s);
  });

  test('responds by a notFound of its own; the request is of no route all the same', async () => {
    const { app, lines } = adopted();
    app.get('/todos', (c) => c.text('todos'));
    app.notFound((c) => c.text('nothing here', 404));
    const response = await app.request('/nowhere');
    assert.deepEqual([response.status, await response.text()], [404, 'nothing here']);
    assert.deepEqual([lines[0]?.['http.route'], lines[0]?.level], ['unmatched', 'info']);
  });

  test('may respond with an error by hand: no bug, and counted by its status', async () => {
    const { app, lines, operate } = adopted();
    app.get('/gone', (c) => c.json({ error: 'gone' }, 410));
    app.get('/shut', (c) => c.text('shut', 403));
    const response = await app.request('/gone');
    assert.deepEqual(await response.json(), { error: 'gone' });
    const [line] = lines;
    assert.deepEqual([line?.error_code, line?.level], ['HTTP_410', 'info']);
    assert.equal(line?.error_undeclared, undefined);
    await app.request('/shut');
    assert.deepEqual([lines[1]?.error_code, lines[1]?.level], ['HTTP_403', 'warn']);
    const { body } = await operate('GET', '/errors');
    assert.ok(body.errors.some(({ code }: { code: string }) => code === 'HTTP_410'));
  });

  test('has its variables to itself', async () => {
    const { app, request } = adopted();
    app.use(async (c, next) => {
      c.set('user', 'ana');
      await next();
    });
    app.get('/', (c) => c.json(Object.keys(c.var)));
    assert.deepEqual((await request('GET', '/')).body, ['breakwater', 'user']);
  });

  test('is refused where it could not be adopted whole', () => {
    const { logger, registry } = testTelemetry();
    const app = new Hono().get('/early', (c) => c.text(''));
    const options = { name: 'todo', logger, registry, resilience: new Resilience() };
    assert.throws(() => breakwater(app, options), /before its first route: GET \/early/);
    breakwater(new Hono(), options);
    assert.throws(() => breakwater(new Hono(), options), /todo shares its registry/);
  });
});

describe('what else an app is made of', () => {
  test('a sub-app, with its own onError, keeps both', async () => {
    const { app, lines, request } = adopted();
    const sub = new Hono().onError((error, c) => c.json({ sub: error.message }, 400));
    sub.get('/:id', () => {
      throw new ConflictError('in the sub-app');
    });
    app.route('/lists', sub);
    const { status, body } = await request('GET', '/lists/7');
    assert.deepEqual([status, body], [400, { sub: 'in the sub-app' }]);
    assert.deepEqual([lines[0]?.['http.route'], lines[0]?.error_code], ['/lists/:id', 'CONFLICT']);
  });

  test('a sub-app that was adopted by itself is told once, by the app around it', async () => {
    const inner = adopted();
    inner.app.get('/todo', (c) => c.text('todo'));
    const { app, lines } = adopted();
    app.route('/inner', inner.app);
    await app.request('/inner/todo');
    assert.deepEqual([lines.length, inner.lines.length], [1, 0]);
  });

  test('what is mounted is one route', async () => {
    const { app, lines } = adopted();
    app.mount('/legacy', (request) => new Response(new URL(request.url).pathname));
    const response = await app.request('/legacy/page');
    assert.deepEqual([await response.text(), response.status], ['/page', 200]);
    assert.equal(lines[0]?.['http.route'], '/legacy/*');
  });

  test('a request that is handed on to another app is one, of the first one’s route', async () => {
    const { app, lines } = adopted();
    const inner = adopted();
    inner.app.get('/outer/page', (c) => c.text('inner'));
    app.get('/outer/*', (c) => inner.app.fetch(c.req.raw));
    assert.equal(await (await app.request('/outer/page')).text(), 'inner');
    assert.deepEqual(
      [...lines, ...inner.lines].map((line) => line['http.route']),
      ['/outer/*'],
    );
  });

  test('a stream flows, and is told when its source breaks', async () => {
    const { app, lines } = adopted();
    app.get('/stream', (c) => stream(c, async (s) => void (await s.write('part'))));
    app.get('/broken', () => {
      let pulls = 0;
      const pull = (controller: ReadableStreamDefaultController) => {
        if (pulls++ > 0) throw new Error('the source is gone');
        controller.enqueue(new TextEncoder().encode('part'));
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    });
    assert.equal(await (await app.request('/stream')).text(), 'part');
    const broken = await app.request('/broken');
    await assert.rejects(broken.text());
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['GET /stream 200', 'GET /broken 200', 'GET /broken: the response was broken off'],
    );
  });

  test('an upload is read as a form, within its own limit', async () => {
    const { app } = adopted({ maxBodyBytes: 10, maxBodyBytesAt: { '/upload': 1_000 } });
    app.post('/upload', async (c) => {
      const { file } = await c.req.parseBody();
      return c.text(await (file as File).text());
    });
    app.post('/small', async (c) => c.text(await c.req.text()));
    const form = new FormData();
    form.set('file', new File(['twenty bytes of text'], 'a.txt'));
    const upload = await app.request('/upload', { method: 'POST', body: form });
    assert.equal(await upload.text(), 'twenty bytes of text');
    const small = await app.request('/small', { method: 'POST', body: 'twenty bytes of text' });
    assert.equal(small.status, 413);
  });

  test('the response to a WebSocket upgrade is left alone', async () => {
    const { app } = adopted();
    const upgraded = { status: 101, headers: new Headers() };
    app.get('/ws', () => upgraded as unknown as Response);
    const response = await app.request('/ws', { headers: { upgrade: 'websocket' } });
    assert.equal(response.status, 101);
  });
});

describe('each part is switched off alone', () => {
  const failing = async (options: Partial<BreakwaterOptions>) => {
    const made = adopted(options);
    made.app.get('/fail', () => {
      throw new ConflictError('taken');
    });
    const response = await made.app.request('/fail');
    return { ...made, response, text: await response.text() };
  };

  test('the contract: Hono responds, the error is told', async () => {
    const { response, text, lines } = await failing({ contract: false });
    assert.deepEqual([response.status, text], [500, 'Internal Server Error']);
    assert.equal(lines[0]?.error_code, 'CONFLICT');
  });

  test('ids, lines, metrics, health', async () => {
    assert.equal((await failing({ ids: false })).response.headers.get('x-trace-id'), null);
    assert.deepEqual((await failing({ logger: false })).lines, []);
    const { registry } = await failing({ metrics: false });
    assert.doesNotMatch(await registry.metrics(), /request_duration_seconds_count\{/);
    assert.equal((await adopted({ health: false }).request('GET', '/healthz')).status, 404);
    assert.equal((await adopted().request('GET', '/healthz')).status, 200);
  });

  test('the deadline, the limit in flight, the limit of bodies', async () => {
    const clock = new VirtualClock();
    const released = Promise.withResolvers<void>();
    const { app } = adopted({ deadlineMs: false, maxInFlight: false, maxBodyBytes: false, clock });
    app.post('/', async (c) => {
      const text = await c.req.text();
      await released.promise;
      return c.text(String(text.length));
    });
    const bodies = ['x'.repeat(2_000_000), ...Array.from({ length: 250 }, () => 'x')];
    const asked = bodies.map((body) => app.request('/', { method: 'POST', body }));
    await clock.advance(60_000);
    released.resolve();
    const responses = await Promise.all(asked);
    assert.ok(responses.every(({ status }) => status === 200));
    assert.equal(await responses[0]?.text(), '2000000');
  });
});

describe('the SERVER span', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });

  test('is made where no instrumentation made one, in the trace of the client', async (t) => {
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const { propagation } = await import('@opentelemetry/api');
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    t.after(() => {
      trace.disable();
      context.disable();
      propagation.disable();
    });
    const { app, request, lines } = adopted();
    app.get('/todos/:id', () => {
      throw new Error('a bug');
    });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const { body } = await request('GET', '/todos/7', { headers });
    const [span] = exporter.getFinishedSpans();
    assert.deepEqual([span?.name, span?.kind], ['GET /todos/:id', SpanKind.SERVER]);
    assert.equal(span?.status.code, SpanStatusCode.ERROR);
    assert.deepEqual(
      [span?.attributes['http.route'], span?.attributes['http.response.status_code']],
      ['/todos/:id', 500],
    );
    assert.equal(span?.spanContext().traceId, traceId);
    assert.deepEqual([body.trace_id, lines[0]?.trace_id], [traceId, traceId]);
    exporter.reset();

    // One that is there already, as an instrumentation of node:http makes it, is taken.
    await trace.getTracer('http').startActiveSpan('GET', async (outer) => {
      await app.request('/todos/7');
      outer.end();
    });
    assert.equal(exporter.getFinishedSpans().length, 1);
    exporter.reset();

    const off = adopted({ spans: false });
    off.app.get('/', (c) => c.text(''));
    await off.app.request('/');
    assert.equal(exporter.getFinishedSpans().length, 0);
  });
});
