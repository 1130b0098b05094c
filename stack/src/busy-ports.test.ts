import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { describeBlockedPort, describeSharedPorts, findBlockedPorts } from './busy-ports.ts';

test('a taken port is found with its owner, a free one is not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const entry = { name: 'loki', ports: [{ address: '127.0.0.1', port, variable: 'LOKI_PORT' }] };

  const [busy, ...more] = await findBlockedPorts([entry]);
  assert.equal(busy?.code, 'EADDRINUSE');
  assert.deepEqual(more, []);
  if (process.platform === 'linux') assert.match(busy?.owner ?? '', /^\S+ \(pid \d+\)$/);

  server.close();
  await once(server, 'close');
  assert.deepEqual(await findBlockedPorts([entry]), []);
});

test('a process on all addresses takes the port as well', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const busy = await findBlockedPorts([{ name: 'loki', ports: [{ address: '127.0.0.1', port }] }]);
  assert.equal(busy.length, 1);
  server.close();
});

test('the sentence names port, entry, owner and the variable that moves it', () => {
  const port = { address: '127.0.0.1', port: 3100, variable: 'LOKI_PORT' };
  assert.equal(
    describeBlockedPort({ entry: 'loki', port, code: 'EADDRINUSE', owner: 'nginx (pid 12)' }),
    'Port 3100, which loki needs, is taken by nginx (pid 12). Stop that, or move ours: LOKI_PORT=23100 npm start',
  );
  const fixed = { entry: 'loki', port: { address: '127.0.0.1', port: 3100 }, code: 'EADDRINUSE' };
  assert.match(describeBlockedPort(fixed), /taken by another process\. Stop that first\.$/);
});

test('a port that only root may have is not called taken', async () => {
  const sentence = describeBlockedPort({
    entry: 'gateway',
    port: { address: '127.0.0.1', port: 80, variable: 'GATEWAY_PORT' },
    code: 'EACCES',
  });
  assert.equal(
    sentence,
    'Port 80, which gateway needs, is one that this user may not listen on. Move it: GATEWAY_PORT=20080 npm start',
  );
});

test('an address of another machine is told by the system’s word', async () => {
  const port = { address: '192.0.2.1', port: 18_080, variable: 'GATEWAY_PORT' };
  const [blocked] = await findBlockedPorts([{ name: 'gateway', ports: [port] }]);
  assert.equal(blocked?.code, 'EADDRNOTAVAIL');
  assert.match(blocked ? describeBlockedPort(blocked) : '', /at 192.0.2.1 \(EADDRNOTAVAIL\)/);
});

test('the port to move to exists', () => {
  const port = { address: '127.0.0.1', port: 60_000, variable: 'LOKI_PORT' };
  assert.match(describeBlockedPort({ entry: 'loki', port, code: 'EADDRINUSE' }), /LOKI_PORT=40000/);
});

test('a port that two entries share is not taken by somebody else', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const entry = (name: string) => ({ name, ports: [{ address: '127.0.0.1', port }] });
  assert.deepEqual(await findBlockedPorts([entry('loki'), entry('grafana')]), []);
});

test('two entries with one port are told by their variables', () => {
  const ports = (variable: string, port = 3100) => [{ address: '127.0.0.1', port, variable }];
  assert.deepEqual(
    describeSharedPorts([
      { name: 'loki', ports: ports('LOKI_PORT') },
      { name: 'gateway', ports: ports('GATEWAY_PORT', 8080) },
      { name: 'grafana', ports: ports('GRAFANA_PORT') },
    ]),
    ['LOKI_PORT of loki and GRAFANA_PORT of grafana are both 3100: each needs a port of its own.'],
  );
});
