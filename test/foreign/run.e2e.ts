import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { freePort } from '../../stack/src/testing/toy-stack.ts';
import { ForeignProject } from './project.ts';
import { tarballs } from './tarballs.ts';

const HERE = import.meta.dirname;
const CLI = 'node_modules/@breakwater/cli/dist/main.js';
/** Others than those that this repository is developed on. */
const OTHERS = ['hono@4.13.18', '@hono/node-server@2.1.8', '@opentelemetry/api@1.10.0'];

/** A Hono app without any library of ours. */
const PLAIN = `
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
const app = new Hono();
app.get('/broken', () => {
  console.log('about to break');
  throw new Error('the database is gone');
});
serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log('listening on ' + port));
`;
const ADOPTED = stripTypeScriptTypes(readFileSync(join(HERE, 'todo/after.ts'), 'utf8'));

/** A program under `breakwater run`, from tarballs, and what it is asked. */
async function watch(project: ForeignProject, file: string, env: Record<string, string> = {}) {
  const port = await freePort();
  const words = [CLI, 'run', '--name', 'todo', '--port', String(port), '--', project.node, file];
  const { match } = await project.start(words, /^listening on (\d+)$/, env);
  const url = `http://127.0.0.1:${port}`;
  const explain = (id: string) => project.run([CLI, 'explain', id, '--console', url]);
  return { url, ask: (path: string) => fetch(`http://127.0.0.1:${match[1]}${path}`), explain };
}

for (const node of [22, 24] as const) {
  test(`Node ${node}: an app without our libraries shows its failing request with span and lines`, async () => {
    await using project = await ForeignProject.create({
      node,
      packages: [...tarballs.values(), ...OTHERS],
      files: { 'server.js': PLAIN },
    });
    const { url, ask, explain } = await watch(project, 'server.js');
    assert.equal((await ask('/broken')).status, 500);
    const id = await eventually(async () => {
      const page = await (await fetch(`${url}/trace`)).text();
      const found = /\/trace\/([0-9a-f]{32})/.exec(page)?.[1];
      assert.ok(found, 'the failure is not listed');
      return found;
    });
    const { code, stdout, stderr } = await explain(id);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /GET \/broken at todo → 500\n {2}Error: the database is gone\n/);
    assert.match(stdout, /✗ todo server GET/);
    assert.match(stdout, /INFO todo: about to break/);
  });
}

test('an app that adopted the libraries has its code, its metric and its circuit as well', async () => {
  await using project = await ForeignProject.create({
    node: 22,
    packages: [...tarballs.values(), ...OTHERS, 'prom-client@15.1.3', 'winston@3.19.0'],
    files: { 'server.js': ADOPTED },
  });
  const env = { PORT: '0', WEATHER_URL: 'http://127.0.0.1:9' };
  const { url, ask, explain } = await watch(project, 'server.js', env);
  let response = await ask('/todos/1/weather');
  const first = response.headers.get('x-trace-id') ?? '';
  for (let call = 0; call < 5; call++) response = await ask('/todos/1/weather');
  const { error_code } = (await response.json()) as { error_code?: string };
  assert.equal(error_code, 'CIRCUIT_OPEN');
  const { code, stdout, stderr } = await explain(response.headers.get('x-trace-id') ?? '');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /GET \/todos\/:id\/weather at todo → 503 CIRCUIT_OPEN\n/);
  assert.match(stdout, /said by its span(,| and) log line/);
  assert.match(stdout, /service_errors_total\{[^}]*error_code="CIRCUIT_OPEN"[^}]*\} 1/);
  assert.equal((stdout.match(/(WARN|ERROR) todo: GET/g) ?? []).length, 1, stdout);
  assert.equal((await explain(first)).code, 0);
  await eventually(async () => {
    const page = await (await fetch(`${url}/circuits`)).text();
    assert.match(page, /data-circuit="todo\/weather"/);
    assert.match(page, /badge state-open/);
  });
});
