import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { requestControl } from '../control.ts';
import { ToyStack } from '../testing/toy-stack.ts';
import type { StackFault } from './stack-fault.ts';

const answers = (port: number | undefined) =>
  fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(500) }).then(
    ({ ok }) => ok,
    () => false,
  );

test('a process of a running stack is frozen, stopped and killed, and comes back', async () => {
  await using stack = await ToyStack.create({ orders: undefined });
  assert.equal((await stack.run('up')).code, 0);
  const socket = join(stack.folder, '.stack/control.sock');
  const port = stack.ports.orders;
  const add = async (kind: string, forS = 30): Promise<StackFault> => {
    const body = { kind, target: 'orders', for_s: forS };
    return JSON.parse(await requestControl(socket, 'PUT', '/faults', body));
  };
  const list = async (): Promise<StackFault[]> =>
    JSON.parse(await requestControl(socket, 'GET', '/faults')).faults;

  for (const kind of ['pause', 'stop']) {
    const { id } = await add(kind);
    assert.equal(await answers(port), false, kind);
    assert.deepEqual(
      (await list()).map(({ landed }) => landed),
      [true],
    );
    await requestControl(socket, 'PUT', `/faults/${id}`, { for_s: 20 });
    await requestControl(socket, 'DELETE', `/faults/${id}`);
    assert.equal(await answers(port), true, `${kind} undone`);
  }

  const { id } = await add('kill');
  await requestControl(socket, 'DELETE', `/faults/${id}`);
  assert.equal(await answers(port), true, 'back after a crash');

  await add('pause', 1);
  while ((await list()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await answers(port), true, 'back when the lease is over');

  await add('pause');
  assert.equal((await stack.run('down')).code, 0, 'a frozen process is stopped all the same');
  await assert.rejects(add('stop'), /The stack is not running/);
});
