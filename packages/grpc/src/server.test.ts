import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { test } from 'node:test';
import {
  AppError,
  ConflictError,
  NotFoundError,
  OverloadedError,
  PayloadTooLargeError,
  ValidationError,
} from '@breakwater/errors';
import { Metadata, status as Status } from '@grpc/grpc-js';
import { propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { inSpan, startTracing, takeSpans } from '../../resilience/src/telemetry/recorded-spans.ts';
import { decodeStatus } from './decode-error.ts';
import { TodoService } from './testing/gen/breakwater/testing/v1/todo_pb.ts';
import { clientOf, serveTodos, type TodoServer } from './testing/todo-server.ts';

startTracing();
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

const { getTodo } = TodoService.method;
const PATH = '/breakwater.testing.v1.TodoService/GetTodo';

async function failureOf(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    (value) => assert.fail(`responded ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}

/** One HTTP/2 request, whatever it holds. */
async function send(todos: TodoServer, headers: OutgoingHttpHeaders, body: Buffer) {
  const session = connect(todos.url);
  const stream = session.request({
    ':method': 'POST',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const heads: Record<string, unknown> = {};
  stream.on('response', (head) => Object.assign(heads, head));
  stream.on('trailers', (trailers) => Object.assign(heads, trailers));
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  stream.end(body);
  await once(stream, 'close');
  session.close();
  const metadata = Metadata.fromHttp2Headers(heads as never);
  return { heads, text, status: Number(heads['grpc-status']), error: decodeStatus(metadata) };
}

/** A message in its frame (gRPC over HTTP/2). */
function framed(bytes: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const errorLines = ({ lines }: TodoServer) => lines.filter(({ error_code }) => error_code);

async function counted({ registry }: TodoServer): Promise<string[]> {
  return (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('service_errors_total{') && !line.endsWith(' 0'));
}

test('a call has its response, one line, one count, and a span below its caller’s', async () => {
  await using todos = await serveTodos();
  const client = todos.client();
  takeSpans();
  const response = await inSpan('caller', () => client.call(getTodo, { id: '7' }));
  assert.equal(response.title, 'Todo 7');
  const [server, span, caller] = takeSpans();
  assert.deepEqual([server?.name, span?.name], Array(2).fill(PATH.slice(1)));
  assert.deepEqual([server?.kind, span?.kind], [1, 2]);
  assert.equal(server?.parentSpanContext?.spanId, span?.spanContext().spanId);
  assert.equal(span?.parentSpanContext?.spanId, caller?.spanContext().spanId);
  assert.equal(server?.attributes['rpc.status_code'], 'OK');
  assert.equal(server?.attributes['rpc.system.name'], 'grpc');
  const [line, ...others] = todos.lines;
  assert.deepEqual(others, []);
  assert.equal(line?.message, `${PATH.slice(1)} OK`);
  assert.equal(line?.trace_id, caller?.spanContext().traceId);
  assert.equal(line?.['breakwater.status_code'], 200);
  const metrics = await todos.registry.metrics();
  assert.match(
    metrics,
    /rpc_server_call_duration_seconds_count\{rpc_system_name="grpc",rpc_method="breakwater\.testing\.v1\.TodoService\/GetTodo",rpc_status_code="OK"\} 1/,
  );
  assert.match(metrics, /_bucket\{[^\n]*# \{trace_id="[0-9a-f]{32}"/, 'an exemplar');
  assert.match(metrics, /^rpc_server_active_calls 0$/m);
});

test('what a handler throws is the same typed error at the client, and one line and count', async () => {
  await using todos = await serveTodos(async ({ id }) => {
    if (id === 'bug') throw new TypeError('x is not a function');
    if (id === 'taken') throw new ConflictError('It is taken.', { context: { id } });
    throw new NotFoundError('todo', id);
  });
  const client = todos.client();
  const missing = await failureOf(client.call(getTodo, { id: '7' }));
  assert.ok(missing instanceof NotFoundError);
  assert.equal(missing.code, 'TODO_NOT_FOUND');
  assert.deepEqual(missing.context, { resource: 'todo', identifier: '7' });
  assert.equal((await failureOf(client.call(getTodo, { id: 'taken' }))).status, 409);
  const bug = await failureOf(client.call(getTodo, { id: 'bug' }));
  assert.equal(bug.code, 'INTERNAL_ERROR');
  assert.equal(bug.message, 'Something went wrong on our side.');
  const codes = errorLines(todos).map(({ error_code }) => error_code);
  assert.deepEqual(codes, ['TODO_NOT_FOUND', 'CONFLICT', 'INTERNAL_ERROR']);
  assert.equal(errorLines(todos)[2]?.['exception.message'], bug.message);
  assert.equal((await counted(todos)).length, 3);
});

test('a client’s request id is kept where a log can carry it', async () => {
  await using todos = await serveTodos();
  const client = todos.client();
  await client.call(getTodo, { id: '1' }, { requestId: 'order-7' });
  await client.call(getTodo, { id: '1' }, { requestId: 'a b' });
  assert.equal(todos.lines[0]?.request_id, 'order-7');
  assert.match(String(todos.lines[1]?.request_id), /^[0-9a-f-]{36}$/);
});

test('a response that the caller cannot use is a bad answer', async () => {
  await using todos = await serveTodos();
  const read = () => {
    throw new TypeError('no such status');
  };
  const error = await failureOf(todos.client().call(getTodo, { id: '1' }, { read }));
  assert.equal(error.code, 'BAD_GATEWAY');
  assert.equal(error.context.reason, 'unexpected_answer');
});

test('a peer that is not there: 503, and certainly not sent', async () => {
  const todos = await serveTodos();
  await todos[Symbol.asyncDispose]();
  const client = clientOf(todos.url);
  const error = await failureOf(client.call(getTodo, { id: '1' }));
  client.close();
  assert.equal(error.code, 'DEPENDENCY_UNAVAILABLE');
  assert.equal(error.internal.delivery, 'not_sent');
});

test('a server that crashes while it works: 503, and nobody knows whether it did', async () => {
  const began = Promise.withResolvers<void>();
  const todos = await serveTodos(() => {
    began.resolve();
    return new Promise(() => {});
  });
  const client = clientOf(todos.url);
  const failing = failureOf(client.call(getTodo, { id: '1' }));
  await began.promise;
  await todos[Symbol.asyncDispose]();
  const error = await failing;
  client.close();
  assert.equal(error.code, 'DEPENDENCY_UNAVAILABLE');
  assert.equal(error.internal.delivery, 'unknown');
});

test('more calls than can be served are refused at once, and are known not to be made', async () => {
  const release = Promise.withResolvers<void>();
  await using todos = await serveTodos(
    async ({ id }) => {
      await release.promise;
      return { id };
    },
    { maxInFlight: 1 },
  );
  const client = todos.client();
  const first = client.call(getTodo, { id: '1' });
  const error = await failureOf(client.call(getTodo, { id: '2' }));
  assert.ok(error instanceof OverloadedError);
  assert.equal(error.retryAfterS, 1);
  release.resolve();
  assert.equal((await first).id, '1');
  assert.equal((await client.call(getTodo, { id: '3' })).id, '3');
});

const WRONG: readonly [
  what: string,
  headers: OutgoingHttpHeaders,
  body: Buffer,
  status: Status,
  code: string,
][] = [
  [
    'an unknown method',
    { ':path': '/breakwater.testing.v1.TodoService/Nothing' },
    framed(Buffer.alloc(0)),
    Status.UNIMPLEMENTED,
    'ROUTE_NOT_FOUND',
  ],
  [
    'a path that is none',
    { ':path': '/' },
    framed(Buffer.alloc(0)),
    Status.UNIMPLEMENTED,
    'ROUTE_NOT_FOUND',
  ],
  [
    'a message that is none',
    { ':path': PATH },
    framed(Buffer.from([0xff, 0xff])),
    Status.INVALID_ARGUMENT,
    'VALIDATION_ERROR',
  ],
  ['no message', { ':path': PATH }, Buffer.alloc(0), Status.INVALID_ARGUMENT, 'MALFORMED_REQUEST'],
  [
    'half a frame',
    { ':path': PATH },
    Buffer.from([0, 0]),
    Status.INVALID_ARGUMENT,
    'MALFORMED_REQUEST',
  ],
  [
    'two messages',
    { ':path': PATH },
    Buffer.concat([framed(Buffer.from([10, 1, 55])), framed(Buffer.from([10, 1, 55]))]),
    Status.INVALID_ARGUMENT,
    'MALFORMED_REQUEST',
  ],
  [
    'what claims to be compressed',
    { ':path': PATH, 'grpc-encoding': 'gzip' },
    framed(Buffer.from('no'), 1),
    Status.INVALID_ARGUMENT,
    'MALFORMED_REQUEST',
  ],
  [
    'an encoding that nobody knows',
    { ':path': PATH, 'grpc-encoding': 'br' },
    framed(Buffer.from('no'), 1),
    Status.INVALID_ARGUMENT,
    'MALFORMED_REQUEST',
  ],
  [
    'a deadline that is none',
    { ':path': PATH, 'grpc-timeout': 'soon' },
    framed(Buffer.from([10, 1, 55])),
    Status.INVALID_ARGUMENT,
    'MALFORMED_REQUEST',
  ],
  [
    'a message that is too large',
    { ':path': PATH },
    framed(Buffer.alloc(2_000)),
    Status.RESOURCE_EXHAUSTED,
    'PAYLOAD_TOO_LARGE',
  ],
];
for (const [what, headers, body, status, code] of WRONG) {
  test(`${what} is refused by the contract: one line, one count`, async () => {
    await using todos = await serveTodos(undefined, { maxMessageBytes: 1_000 });
    const response = await send(todos, headers, body);
    assert.equal(response.status, status, JSON.stringify(response.heads));
    assert.equal(response.error?.code, code);
    const [line, ...others] = todos.lines;
    assert.deepEqual(others, []);
    assert.equal(line?.error_code, code);
    assert.equal(line?.level, 'info');
    assert.equal(response.heads['x-trace-id'], line?.trace_id);
    const [count, ...more] = await counted(todos);
    assert.match(count ?? '', new RegExp(`error_code="${code}".* 1`));
    assert.deepEqual(more, []);
    assert.equal((await todos.client().call(getTodo, { id: '1' })).id, '1', 'it still serves');
  });
}

test('a request of another content type is told so over HTTP: one line, one count', async () => {
  await using todos = await serveTodos();
  const headers = { ':path': PATH, 'content-type': 'application/json' };
  const { heads, text } = await send(todos, headers, Buffer.from('{}'));
  assert.equal(heads[':status'], 415);
  assert.equal(JSON.parse(text).error_code, 'UNSUPPORTED_MEDIA_TYPE');
  assert.deepEqual(
    todos.lines.map(({ error_code }) => error_code),
    ['UNSUPPORTED_MEDIA_TYPE'],
  );
  assert.equal((await counted(todos)).length, 1);
});

test('errors that the client makes keep their class', async () => {
  await using todos = await serveTodos(undefined, { maxMessageBytes: 1_000 });
  const error = await failureOf(todos.client().call(getTodo, { id: 'x'.repeat(2_000) }));
  assert.ok(error instanceof PayloadTooLargeError);
  assert.ok(!(error instanceof ValidationError));
});
