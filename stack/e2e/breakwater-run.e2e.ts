/**
 * `breakwater run` with a program that has none of our libraries.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@breakwater/testing';

const CLI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const APP = fileURLToPath(new URL('plain-app', import.meta.url));

/** What the program and the command wrote, line by line. */
const written: string[] = [];
let child: ChildProcess;
let [consoleUrl, appUrl] = ['', ''];

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** The id of the newest failure of a path, once the console lists it. */
function listed(path: string): Promise<string> {
  return eventually(async () => {
    const rows = (await text(`${consoleUrl}/trace`)).split('<tr>');
    const row = rows.find((each) => each.includes(`GET ${path}</code>`));
    const id = /\/trace\/([0-9a-f]{32})/.exec(row ?? '')?.[1];
    assert.ok(id, `${path} is not listed`);
    return id;
  });
}

async function breakwater(...args: string[]) {
  const command = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [command.stdout, command.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
  }
  const [code] = await once(command, 'close');
  return { code, out };
}

before(async () => {
  // Through a package manager, as people start their programs.
  child = spawn(
    process.execPath,
    [CLI, 'run', '--port', '0', '--json', '--', 'npm', 'start', '--silent'],
    { cwd: APP, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    assert.ok(stream);
    createInterface(stream).on('line', (line) => written.push(line));
  }
  await eventually(async () => {
    const told = written.find((line) => line.startsWith('{"console"'));
    const port = written.map((line) => /^listening on (\d+)$/.exec(line)?.[1]).find(Boolean);
    assert.ok(told && port, written.join('\n'));
    consoleUrl = JSON.parse(told).console;
    appUrl = `http://127.0.0.1:${port}`;
  });
});
after(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('a thrown error is a failure with its SERVER span and its lines, and explain tells it', async () => {
  assert.equal((await fetch(`${appUrl}/broken`)).status, 500);
  const traceId = await listed('/broken');
  await eventually(async () => {
    const page = await text(`${consoleUrl}/trace/${traceId}`);
    assert.match(page, /status server-error">500</);
    assert.match(page, /the database is slow/);
    assert.match(page, /Error: the database is gone/);
    assert.match(page, /a line of another logger/);
  });
  const told = await breakwater('explain', traceId, '--console', consoleUrl);
  assert.equal(told.code, 0, told.out);
  assert.match(told.out, /GET \/broken at plain-app → 500\n {2}Error: the database is gone\n/);
  assert.match(told.out, /✗ plain-app server GET/);
  assert.match(told.out, /WARN plain-app: the database is slow/);
  assert.match(told.out, /INFO plain-app: a line of another logger/);
  const json = await breakwater('explain', traceId, '--console', consoleUrl, '--json');
  assert.equal(JSON.parse(json.out).verdict.outcome, 'failed');
});

test('a 404 is listed too, and what succeeded is not', async () => {
  assert.equal((await fetch(`${appUrl}/todos/7`)).status, 404);
  assert.equal((await fetch(`${appUrl}/todos/1`)).status, 200);
  await listed('/todos/7');
  assert.doesNotMatch(await text(`${consoleUrl}/trace`), /GET \/todos\/1</);
});

test('the program is seen to run, and its metrics are read', async () => {
  await eventually(async () => {
    const page = await text(`${consoleUrl}/`);
    assert.match(page, /plain-app<\/th>\s*<td><span class="health running">/);
  });
  const about = new URLSearchParams({ about: 'todo_reads_total' });
  await eventually(async () => {
    const { found } = JSON.parse(await text(`${consoleUrl}/api/sources/series?${about}`));
    const [{ labels, value }] = found;
    assert.deepEqual([labels.service_name, value], ['plain-app', 1]);
  });
});

test('verify joins what has a line, and tells what has none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'verify-'));
  t.after(() => rm(folder, { recursive: true }));
  const verify = async (...requests: object[]) => {
    const file = join(folder, 'requests.json');
    await writeFile(file, JSON.stringify(requests));
    const words = ['--url', appUrl, '--console', consoleUrl, '--settle', '5'];
    return breakwater('verify', file, ...words);
  };
  const joined = await verify({ path: '/broken', expect: 500 }, { path: '/todos/1', expect: 200 });
  assert.equal(joined.code, 0, joined.out);
  assert.match(joined.out, /join rate: 100\.00 % of 1 failing responses of 2/);
  const silent = await verify({ path: '/todos/7', expect: 404 });
  assert.equal(silent.code, 1);
  assert.match(silent.out, /✗ GET \/todos\/7 {2}404 {2}[0-9a-f]{32}\n {4}no log line\n/);
});

test('the terminal sees what the program writes, as it is', () => {
  assert.ok(written.includes('the database is slow'));
  assert.ok(written.some((line) => line.startsWith('    at ')));
  assert.ok(written.includes('{"level":30,"msg":"a line of another logger","user":"u1"}'));
});

test('a signal ends both, what the package manager has started as well, and leaves nothing', async () => {
  const folder = /"folder":"([^"]+)"/.exec(written.join('\n'))?.[1];
  child.kill('SIGTERM');
  await once(child, 'exit');
  await assert.rejects(fetch(consoleUrl));
  await assert.rejects(fetch(appUrl));
  assert.ok(folder && !existsSync(join(folder)), `${folder} is still there`);
});
