import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

async function breakwater(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  return { code: await closed, stdout: String(stdout), stderr: String(stderr) };
}

test('--help lists every command, and each has a help of its own with examples and exit codes', async () => {
  const { code, stdout } = await breakwater('--help');
  assert.equal(code, 0);
  const names = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
  assert.ok(names.includes('run') && names.includes('explain'), names.join());
  for (const name of names) {
    const help = await breakwater(name, '--help');
    assert.equal(help.code, 0, name);
    assert.match(help.stdout, new RegExp(`^Usage: breakwater ${name}`));
    assert.match(help.stdout, /\nExamples:\n {2}breakwater /, name);
    assert.match(help.stdout, /\nExit codes: /, name);
    assert.deepEqual((await breakwater('help', name)).stdout, help.stdout);
  }
});

test('an unknown command or option is answered with the one that was meant, on standard error', async () => {
  const command = await breakwater('explian', 'x');
  assert.deepEqual([command.code, command.stdout], [2, '']);
  assert.match(
    command.stderr,
    /^breakwater: there is no command "explian"; did you mean "explain"\?\nUsage: /,
  );
  const option = await breakwater('explain', '0af7651916cd43dd8448eb211c80319c', '--consol', 'x');
  assert.equal(option.code, 2);
  assert.match(option.stderr, /there is no option --consol; did you mean "--console"\?/);
  assert.match(option.stderr, /\nbreakwater explain --help says more\.\n$/);
});

for (const [name, args, said] of [
  ['no command', [], /which command\?/],
  ['no trace id', ['explain'], /explain needs one TRACE_ID/],
  ['an odd trace id', ['explain', 'x'], /x is no trace id/],
  ['an odd wait', ['explain', '1'.repeat(32), '--wait', '-1'], /wait/],
  ['an odd URL', ['explain', '1'.repeat(32), '--console', 'ftp://x'], /--console takes a URL/],
  [
    'a console and a backend',
    ['explain', '1'.repeat(32), '--console', 'http://a', '--loki', 'http://b'],
    /name a console, or backends/,
  ],
  ['no file', ['verify', '--url', 'http://a'], /verify needs one FILE/],
  ['no URL', ['verify', 'requests.json'], /which service\? --url URL/],
  [
    'a file that is not there',
    ['verify', 'none.json', '--url', 'http://a'],
    /none\.json cannot be/,
  ],
  ['no folder', ['dashboards'], /where to\? --out DIR/],
  ['an odd data source', ['dashboards', '--out', '/tmp', '--datasource', 'loki'], /takes NAME=UID/],
  ['no program', ['run', '--port', '0', '--'], /which program\?/],
  ['an odd port', ['run', '--port', '99999', '--', 'node'], /--port takes a number/],
] as const) {
  test(`${name} is used wrongly: exit code 2`, async () => {
    const { code, stderr, stdout } = await breakwater(...args);
    assert.equal(code, 2);
    assert.match(stderr, said);
    assert.equal(stdout, '');
  });
}

test('dashboards, rules and provisioning are written into a folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { code, stdout, stderr } = await breakwater('dashboards', '--out', folder, '--json');
  assert.equal(code, 0, stderr);
  const { paths } = JSON.parse(stdout);
  assert.ok(paths.includes('README.md') && paths.length > 5, stdout);
  for (const path of paths) assert.ok(existsSync(join(folder, path)), path);
  const wrong = await breakwater('dashboards', '--out', folder, '--datasource', 'lokki=x');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /There is no data source lokki/);
});

test('where no console is, explain says so and what to do: exit code 1', async () => {
  const args = ['--console', 'http://127.0.0.1:9', '--wait', '0'];
  const { code, stderr } = await breakwater('explain', '1'.repeat(32), ...args);
  assert.equal(code, 1);
  assert.match(stderr, /The console at http:\/\/127\.0\.0\.1:9 /);
  assert.match(stderr, /breakwater run -- PROGRAM/);
});

test('a program ends with its own exit code, or by its signal, or cannot be started', async () => {
  const node = ['run', '--port', '0', '--', process.execPath, '-e'];
  const [code, signal, missing] = await Promise.all([
    breakwater(...node, 'process.exit(7)'),
    breakwater(...node, 'process.kill(process.pid, "SIGKILL")'),
    breakwater('run', '--port', '0', '--', 'no-such-program'),
  ]);
  assert.equal(code.code, 7, code.stderr);
  assert.equal(signal.code, 137);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no-such-program cannot be started: there is no such program/);
});

test('a signal reaches the program, which ends as it likes', async () => {
  const script =
    "process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 9e9); console.log('up')";
  const words = ['run', '--port', '0', '--', process.execPath, '-e', script];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [5, null]);
});
