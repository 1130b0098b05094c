import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Processes } from './processes.ts';

test('a process that has metrics and nothing else is running, and its circuits are those it counts', async (t) => {
  const server = createServer((_, response) => response.writeHead(404).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const targetsFile = join(folder, 'targets.json');
  writeFileSync(
    targetsFile,
    JSON.stringify([{ targets: [address], labels: { service_name: 'todo' } }]),
  );
  const processes = new Processes({
    targetsFile,
    breakers: async () => [
      {
        service: 'todo',
        instance: address,
        breaker: 'flaky',
        points: [
          { timeMs: 1_000, state: 'closed' },
          { timeMs: 2_000, state: 'open' },
          { timeMs: 3_000, state: 'open' },
        ],
      },
      { service: 'todo', instance: '127.0.0.1:1', breaker: 'other', points: [] },
    ],
  });
  assert.deepEqual(await processes.health(), [
    { service: 'todo', address, state: 'running', why: '' },
  ]);
  const { found, incomplete } = await processes.circuits();
  assert.equal(incomplete, undefined);
  assert.deepEqual(
    found.map(({ name, state, since, onlyState }) => [name, state, Date.parse(since), onlyState]),
    [['flaky', 'open', 2_000, true]],
  );
});
