import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { ForeignProject } from './project.ts';
import { tarballs } from './tarballs.ts';

const COMMAND = 'node_modules/.bin/breakwater';
/** Nothing listens there any more. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

const code = (name: string) =>
  stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'todo', name), 'utf8'));

let project: ForeignProject;
before(async () => {
  project = await ForeignProject.create({
    node: 22,
    packages: [
      ...[...tarballs.values(), 'hono@4.13.18', '@hono/node-server@2.1.8'],
      ...['@opentelemetry/api@1.10.0', 'prom-client@15.1.3', 'winston@3.19.0'],
    ],
    files: { 'plain.js': code('before.ts'), 'adopted.js': code('after.ts') },
  });
});
after(() => project[Symbol.asyncDispose]());

/** Run a program with a console beside it, let its request for the weather fail, have it explained. */
async function explained(file: string): Promise<{ status: number; told: string }> {
  const started = await project.start(
    [COMMAND, 'run', '--port', '0', '--json', '--name', 'todo', '--', 'node', file],
    /^listening on (\d+)$/,
    { PORT: '0', WEATHER_URL: await nowhere() },
  );
  const { console: url } = await eventually(async () => {
    const line = started.lines.find((each) => each.startsWith('{"console"'));
    assert.ok(line, started.lines.join('\n'));
    return JSON.parse(line);
  });
  const { status } = await fetch(`http://127.0.0.1:${started.match[1]}/todos/1/weather`);
  const traceId = await eventually(async () => {
    const rows = (await (await fetch(`${url}/trace`)).text()).split('<tr>');
    const row = rows.find((each) => each.includes('/todos/'));
    const id = /\/trace\/([0-9a-f]{32})/.exec(row ?? '')?.[1];
    assert.ok(id, 'it is not listed');
    return id;
  });
  const { stdout, stderr } = await project.run([COMMAND, 'explain', traceId, '--console', url]);
  await started.stop();
  return { status, told: `${stdout}${stderr}` };
}

test('breakwater explain tells the failing request of an adopted app', async () => {
  const { status, told } = await explained('adopted.js');
  assert.equal(status, 503);
  assert.match(told, /GET \/todos\/:?\w+\/weather at todo → 503/);
  assert.match(told, /DEPENDENCY_UNAVAILABLE/);
  assert.match(told, /✗ todo server GET \/todos\/:id\/weather/);
});

test('it tells that of an app without our libraries, with its span and lines', async () => {
  const { status, told } = await explained('plain.js');
  assert.equal(status, 500);
  assert.match(told, /GET \/todos\/1\/weather at todo → 500/);
  assert.match(told, /✗ todo server GET/);
  assert.match(told, /fetch failed/);
});

test('breakwater dashboards writes what a Grafana reads', async () => {
  const { code: exit, stderr } = await project.run([
    COMMAND,
    'dashboards',
    '--out',
    'observability',
  ]);
  assert.equal(exit, 0, stderr);
  const page = readFileSync(join(project.folder, 'observability/README.md'), 'utf8');
  assert.match(page, /Grafana/);
});
