import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { AppError, DeadlineExceededError, RequestCancelledError } from '@breakwater/errors';
import { currentDeadline, Deadline, runInScope } from '@breakwater/resilience';
import { TodoService } from './testing/gen/breakwater/testing/v1/todo_pb.ts';
import { PLAIN, serveTodos } from './testing/todo-server.ts';

const { getTodo } = TodoService.method;

const failureOf = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    () => assert.fail('it responded'),
    (thrown) => {
      assert.ok(thrown instanceof AppError, String(thrown));
      return thrown;
    },
  );

/** Three servers, each asking the next; the last does as told. */
async function chain(last: (signal: AbortSignal, leftMs: number) => Promise<void>) {
  const left: number[] = [];
  const note = () => {
    const leftMs = currentDeadline()?.remainingMs() ?? Infinity;
    left.push(leftMs);
    return leftMs;
  };
  const third = await serveTodos(async ({ id }, { signal }) => {
    await last(signal, note());
    return { id };
  });
  const toThird = third.client();
  const second = await serveTodos(({ id }) => {
    note();
    return toThird.call(getTodo, { id });
  });
  const toSecond = second.client();
  const first = await serveTodos(({ id }) => {
    note();
    return toSecond.call(getTodo, { id });
  });
  return {
    left,
    servers: [first, second, third],
    client: first.client(),
    async [Symbol.asyncDispose]() {
      for (const server of [first, second, third]) await server[Symbol.asyncDispose]();
    },
  };
}

test('a call with 800 ms over three hops arrives with less at each', async () => {
  await using hops = await chain(async () => undefined);
  const deadline = Deadline.after(800);
  await runInScope({ deadline }, () => hops.client.call(getTodo, { id: '1' }));
  assert.equal(hops.left.length, 3);
  for (const [hop, leftMs] of hops.left.entries()) {
    assert.ok(leftMs <= (hops.left[hop - 1] ?? 800), `hop ${hop + 1}: ${hops.left}`);
    assert.ok(leftMs > 0);
  }
  assert.ok((hops.left[2] as number) < 800);
});

test('when the time is over, everybody stops, and each tells it as the caller’s deadline', async () => {
  const stopped = Promise.withResolvers<number>();
  await using hops = await chain(async (signal) => {
    await once(signal, 'abort');
    stopped.resolve(performance.now());
  });
  const began = performance.now();
  const scope = { deadline: Deadline.after(200) };
  const error = await failureOf(runInScope(scope, () => hops.client.call(getTodo, { id: '1' })));
  assert.ok(error instanceof DeadlineExceededError);
  assert.ok((await stopped.promise) - began < 300);
  for (const { lines } of hops.servers) {
    assert.deepEqual(
      lines.map(({ error_code, error_type }) => [error_code, error_type]),
      [['DEADLINE_EXCEEDED', 'client']],
    );
  }
});

test('a client that cancels stops the last of three hops within 50 ms', async () => {
  const began = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<number>();
  await using hops = await chain(async (signal) => {
    began.resolve();
    await once(signal, 'abort');
    stopped.resolve(performance.now());
    throw signal.reason;
  });
  const caller = new AbortController();
  const scope = { signal: caller.signal };
  const failing = failureOf(runInScope(scope, () => hops.client.call(getTodo, { id: '1' })));
  await began.promise;
  const cancelledAt = performance.now();
  caller.abort();
  assert.ok((await failing) instanceof RequestCancelledError);
  const lastedMs = (await stopped.promise) - cancelledAt;
  assert.ok(lastedMs < 50, `${lastedMs} ms`);
  for (const { lines } of hops.servers) {
    assert.deepEqual(
      lines.map(({ error_code }) => error_code),
      ['REQUEST_CANCELLED'],
    );
  }
});

test('a server’s own deadline ends a call with 504 of the contract, and its signal', async () => {
  const reason = Promise.withResolvers<unknown>();
  await using todos = await serveTodos(
    async ({ id }, { signal }) => {
      await once(signal, 'abort');
      reason.resolve(signal.reason);
      return { id };
    },
    { deadlineMs: 50 },
  );
  const error = await failureOf(todos.client().call(getTodo, { id: '1' }));
  assert.equal(error.code, 'DEADLINE_EXCEEDED');
  assert.equal(error.status, 504);
  assert.ok((await reason.promise) instanceof DeadlineExceededError);
  assert.deepEqual(
    todos.lines.map(({ level, error_code }) => [level, error_code]),
    [['error', 'DEADLINE_EXCEEDED']],
  );
});

test('a peer that is slower than its timeout is the peer’s failure', async () => {
  await using todos = await serveTodos(({ id }, { signal }) =>
    once(signal, 'abort').then(() => ({ id })),
  );
  const client = todos.client({ policy: { ...PLAIN, timeoutMs: 60 } });
  const error = await failureOf(client.call(getTodo, { id: '1' }));
  assert.equal(error.code, 'DEPENDENCY_TIMEOUT');
  assert.deepEqual(error.context, { dependency: 'todo', timeout_ms: 60 });
});

test('one owner of retries: an attempt is one call, and each has its span’s count', async () => {
  let calls = 0;
  await using todos = await serveTodos(async ({ id }) => {
    calls++;
    if (calls < 3)
      throw new AppError('No.', { kind: { ...AppError.kind, code: 'DOWN', status: 503 } });
    return { id };
  });
  const retry = { attempts: 3, backoff: { initialMs: 1, maxMs: 2 }, budget: false } as const;
  const client = todos.client({ policy: { ...PLAIN, retry } });
  await failureOf(client.call(getTodo, { id: '1' }));
  assert.equal(calls, 1, 'not idempotent');
  calls = 0;
  await client.call(getTodo, { id: '1' }, { idempotent: true });
  assert.equal(calls, 3);
});
