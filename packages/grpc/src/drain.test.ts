import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { GetTodoResponseSchema, TodoService } from './testing/gen/breakwater/testing/v1/todo_pb.ts';
import { clientOf, serveTodos } from './testing/todo-server.ts';

const { getTodo } = TodoService.method;
const CALLS = 2_000;
const AT_ONCE = 50;

test(`a server that stops under load loses none of ${CALLS} calls, and none is made twice`, async () => {
  let served = 0;
  const work = async ({ id }: { id: string }) => {
    await sleep(1 + (Number(id) % 5));
    served++;
    return { id };
  };
  await using old = await serveTodos(work);
  await using next = await serveTodos(work);
  const oldClient = old.client();
  const nextClient = next.client();
  let moved = 0;
  const call = async (id: string) => {
    try {
      return await oldClient.call(getTodo, { id });
    } catch (error) {
      // Only what certainly was not made may be sent elsewhere.
      assert.equal((error as { delivery?: string }).delivery, 'not_sent', String(error));
      moved++;
      return nextClient.call(getTodo, { id });
    }
  };
  const ids = Array.from({ length: CALLS }, (_, i) => String(i)).values();
  const told = new Set<string>();
  let stopped: Promise<void> | undefined;
  const worker = async () => {
    for (const id of ids) {
      assert.equal((await call(id)).id, id);
      told.add(id);
      if (told.size === CALLS / 2) stopped = old.server.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await stopped;
  assert.equal(told.size, CALLS);
  assert.equal(served, CALLS);
  assert.ok(moved > 0 && moved <= CALLS / 2, `${moved} were sent elsewhere`);
});

test('a keepalive ping that is due while a connection drains does not end its calls', async () => {
  const server = createServer();
  const response = toBinary(GetTodoResponseSchema, create(GetTodoResponseSchema, { id: '7' }));
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, response.length]), response]);
  server.on('stream', (stream) => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.session?.goaway(0, stream.id);
    // Three times as long as the client is silent before it asks.
    setTimeout(() => stream.end(frame), 300);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = clientOf(`http://127.0.0.1:${port}`, { keepaliveMs: 100 });
  assert.equal((await client.call(getTodo, { id: '7' })).id, '7');
  client.close();
  server.close();
});

test('a connection that is silent is asked whether it lives, and one that does is not ended', async () => {
  await using todos = await serveTodos(({ id }) => sleep(300).then(() => ({ id })));
  const client = todos.client({ keepaliveMs: 50 });
  assert.equal((await client.call(getTodo, { id: '1' })).id, '1');
});

test('health says whether the server wants calls, for itself and each service', async () => {
  await using todos = await serveTodos();
  const health = new Client(`127.0.0.1:${todos.port}`, credentials.createInsecure());
  const check = (service: string) =>
    new Promise<string>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = healthService.Check as never as {
        path: string;
        requestSerialize: (value: object) => Buffer;
        responseDeserialize: (bytes: Buffer) => { status: string };
      };
      health.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service },
        (error, value) => (error ? reject(error) : resolve(value?.status ?? '')),
      );
    });
  assert.equal(await check(''), 'SERVING');
  assert.equal(await check(TodoService.typeName), 'SERVING');
  await assert.rejects(check('nobody'), /NOT_FOUND/);
  todos.server.drain();
  assert.equal(await check(''), 'NOT_SERVING');
  assert.deepEqual(todos.lines, [], 'nobody wants a line for each look');
  health.close();
});
