import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { describeBusyPort, findBusyPorts } from './busy-ports.ts';

test('a taken port is found with its owner, a free one is not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const entry = { name: 'loki', ports: [{ address: '127.0.0.1', port, variable: 'LOKI_PORT' }] };

  const [busy, ...more] = await findBusyPorts([entry]);
  assert.ok(busy);
  assert.deepEqual(more, []);
  if (process.platform === 'linux') assert.match(busy.owner ?? '', /^\S+ \(pid \d+\)$/);

  server.close();
  await once(server, 'close');
  assert.deepEqual(await findBusyPorts([entry]), []);
});

test('a process on all addresses takes the port as well', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const busy = await findBusyPorts([{ name: 'loki', ports: [{ address: '127.0.0.1', port }] }]);
  assert.equal(busy.length, 1);
  server.close();
});

test('the sentence names port, entry, owner and the variable that moves it', () => {
  const port = { address: '127.0.0.1', port: 3100, variable: 'LOKI_PORT' };
  assert.equal(
    describeBusyPort({ entry: 'loki', port, owner: 'nginx (pid 12)' }),
    'Port 3100, which loki needs, is taken by nginx (pid 12). Stop that, or move ours: LOKI_PORT=13100 npm start',
  );
  const fixed = { entry: 'loki', port: { address: '127.0.0.1', port: 3100 } };
  assert.match(describeBusyPort(fixed), /taken by another process\. Stop that first\.$/);
});
