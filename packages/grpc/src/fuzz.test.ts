import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { test } from 'node:test';
import { seededRandom } from '@breakwater/resilience';
import { TodoService } from './testing/gen/breakwater/testing/v1/todo_pb.ts';
import { serveTodos } from './testing/todo-server.ts';

const FRAMES = 10_000;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const FRAMES_A_CONNECTION = 20;

test(`${FRAMES} frames of noise crash nothing, and the server still serves`, async () => {
  await using todos = await serveTodos();
  const random = seededRandom(7);
  const below = (limit: number) => Math.floor(random() * limit);
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  const frame = () => {
    const payload = noise(below(64));
    const head = Buffer.alloc(9);
    // A length that is wrong one time in ten; types and flags there are and are not.
    head.writeUIntBE(random() < 0.1 ? below(1 << 20) : payload.length, 0, 3);
    head.writeUInt8(below(12), 3);
    head.writeUInt8(below(256), 4);
    head.writeUInt32BE(below(8), 5);
    return Buffer.concat([head, payload]);
  };
  const connection = async () => {
    const socket = connect(todos.port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    socket.write(random() < 0.9 ? PREFACE : noise(24));
    for (let i = 0; i < FRAMES_A_CONNECTION && !socket.destroyed; i++) socket.write(frame());
    socket.end();
    setImmediate(() => socket.destroy());
    await once(socket, 'close');
  };
  const workers = Array.from({ length: 10 }, async () => {
    for (let i = 0; i < FRAMES / FRAMES_A_CONNECTION / 10; i++) await connection();
  });
  await Promise.all(workers);
  assert.equal((await todos.client().call(TodoService.method.getTodo, { id: '1' })).id, '1');
  assert.ok(!todos.lines.some(({ level }) => level === 'error'), 'noise is no fault of the server');
});

test('messages of noise are refused by the contract, each once', async () => {
  await using todos = await serveTodos();
  const random = seededRandom(11);
  const session = connectHttp2(todos.url);
  const send = async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/breakwater.testing.v1.TodoService/GetTodo',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined).resume();
    const bytes = Array.from({ length: Math.floor(random() * 40) }, () =>
      Math.floor(random() * 256),
    );
    stream.end(Buffer.from([random() < 0.5 ? 0 : 1, 0, 0, 0, bytes.length, ...bytes]));
    await once(stream, 'close');
  };
  for (let i = 0; i < 50; i++) await Promise.all(Array.from({ length: 10 }, send));
  session.close();
  assert.equal(todos.lines.length, 500);
  const codes = new Set(todos.lines.map(({ error_code }) => error_code));
  // Some noise is a message.
  assert.deepEqual([...codes].sort(), ['VALIDATION_ERROR', undefined]);
  assert.ok(!todos.lines.some(({ level }) => level === 'error'));
});
