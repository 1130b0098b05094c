import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import type { ProcessState, StackState, Status } from '../state-file.ts';
import { DemoTraffic, pauseDemo } from './demo-traffic.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-demo-'));
const pauseFile = join(folder, 'paused-until');
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.end('{}');
});
let port: number;
before(async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => {
  mock.timers.reset();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function stack(
  status: Status,
  backends: StackState['backends'] = 'embedded',
  phase: StackState['phase'] = 'ready',
): StackState {
  const process = (name: string): ProcessState => ({
    name,
    isService: true,
    status,
    ports: [port],
    ready: 'http://127.0.0.1/readyz',
    log: '',
  });
  return {
    supervisor: { pid: 1, startedAt: '' },
    phase,
    backends,
    processes: ['gateway', 'console'].map(process),
    skipped: [],
    variables: {},
  };
}

/** The next request that the gateway gets. */
async function nextRequest(): Promise<string> {
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  return `${request.method} ${request.url}`;
}

test('requests begin when what they need is ready, and end', async () => {
  let status: Status = 'starting';
  let phase: StackState['phase'] = 'starting';
  const demo = new DemoTraffic(() => stack(status, 'embedded', phase), {}, pauseFile);
  demo.start();
  mock.timers.tick(4_000);
  status = 'ready';
  let coming = nextRequest();
  mock.timers.tick(400);
  assert.equal(await coming, 'GET /call-external');
  phase = 'ready';
  for (const expected of ['GET /call-external', 'POST /orders']) {
    coming = nextRequest();
    mock.timers.tick(400);
    assert.equal(await coming, expected);
  }
  demo.stop();
  const sent = asked.length;
  mock.timers.tick(4_000);
  assert.equal(asked.length, sent);
  assert.equal(sent, 3);
});

test('a pause holds until its end, and no longer', async () => {
  const demo = new DemoTraffic(() => stack('ready'), {}, pauseFile);
  demo.start();
  const { resume } = pauseDemo(pauseFile, Date.now() + 60_000);
  const sent = asked.length;
  mock.timers.tick(4_000);
  resume();
  let coming = nextRequest();
  mock.timers.tick(400);
  await coming;
  pauseDemo(pauseFile, Date.now() - 1);
  coming = nextRequest();
  mock.timers.tick(400);
  await coming;
  demo.stop();
  assert.equal(asked.length, sent + 2);
});

test('there is none where it is switched off, or where the backends run', () => {
  const off = new DemoTraffic(() => stack('ready'), { DEMO_TRAFFIC: 'off' }, pauseFile);
  assert.equal(off.wanted, false);
  const native = new DemoTraffic(() => stack('ready', 'native'), {}, pauseFile);
  assert.equal(native.wanted, false);
});
