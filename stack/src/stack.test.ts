import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import type { StackStatus } from './status.ts';
import { freePort, ToyStack } from './testing/toy-stack.ts';

/** Settles when none of the processes runs; fails after ten seconds. */
async function gone(processes: readonly ProcessIdentity[]): Promise<void> {
  for (const end = Date.now() + 10_000; processes.some(isAlive); await delay(20)) {
    assert.ok(Date.now() < end, 'processes were left running');
  }
}

async function answers(port: number | undefined): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

test('up starts in order of need, status tells all, down stops in the reverse order', async () => {
  await using stack = await ToyStack.create({ web: 'api', api: 'db', db: undefined });
  const up = await stack.run('up', '--json');
  assert.equal(up.code, 0, up.stderr);
  const status = JSON.parse(up.stdout) as StackStatus;
  assert.deepEqual(
    status.processes.map(({ name, port, health }) => [name, port, health]),
    ['db', 'api', 'web'].map((name) => [name, stack.ports[name], 'healthy']),
  );
  const { processes } = stack;
  assert.equal(processes.length, 3);
  assert.ok(processes.every(isAlive));
  assert.equal((await stack.run('status')).code, 0);

  assert.equal((await stack.run('down')).code, 0);
  assert.ok(!processes.some(isAlive));
  assert.equal(stack.state, undefined);
  assert.deepEqual(await stack.events(), [
    'db listens',
    'api listens',
    'web listens',
    'web stops',
    'api stops',
    'db stops',
  ]);
  const after = await stack.run('status', '--json');
  assert.equal(after.code, 1);
  assert.equal((JSON.parse(after.stdout) as StackStatus).running, false);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} stops a stack in the foreground whole`, async () => {
    await using stack = await ToyStack.create({ api: undefined });
    const start = stack.begin('start');
    await start.said('Everything is ready');
    const { processes } = stack;
    start.child.kill(signal);
    assert.equal(await start.ended(), 0);
    assert.ok(!processes.some(isAlive));
    assert.deepEqual(await stack.events(), ['api listens', 'api stops']);
  });
}

test('the end of npm ends a stack in the foreground', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  const npm = stack.beginUnderNpm();
  await npm.said('Everything is ready');
  const { processes } = stack;
  npm.child.kill('SIGKILL');
  await gone(processes);
  assert.deepEqual(await stack.events(), ['api listens', 'api stops']);
});

test('Ctrl-C before it is ready leaves nothing either', async () => {
  const port = await freePort();
  const deaf = `  deaf:
    build: .
    command: node -e setInterval(()=>{},1000)
    ports: ['127.0.0.1:${port}:${port}']`;
  await using stack = await ToyStack.create({ api: undefined }, deaf);
  const start = stack.begin('start');
  await start.said('api is ready');
  const { processes } = stack;
  assert.equal(processes.length, 2);
  start.child.kill('SIGINT');
  assert.equal(await start.ended(), 0);
  assert.ok(!processes.some(isAlive));
});

test('a second Ctrl-C kills what does not listen to the first', async () => {
  const deaf = `  deaf:
    image: deaf:1
    stop_grace_period: 10m
    x-native: { command: node deaf.mjs }`;
  await using stack = await ToyStack.create({ api: undefined }, deaf);
  await writeFile(
    join(stack.folder, 'deaf.mjs'),
    `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
  );
  const start = stack.begin('start');
  await start.said('Everything is ready');
  const { processes } = stack;
  start.child.kill('SIGINT');
  await start.said('Stopping');
  // Quicker than a hand: the same Ctrl-C, passed on by npm.
  start.child.kill('SIGINT');
  await delay(1100);
  assert.ok(processes.some(isAlive));
  start.child.kill('SIGINT');
  assert.equal(await start.ended(), 0);
  assert.ok(!processes.some(isAlive));
});

test('a process that dies at the start ends it all, with its name and its last words', async () => {
  const broken = `  broken:
    image: broken:1
    depends_on: { api: { condition: service_healthy } }
    healthcheck: { test: [CMD, ask, 'http://127.0.0.1:1/'] }
    x-native: { command: node broken.mjs }`;
  await using stack = await ToyStack.create({ api: undefined }, broken);
  await writeFile(
    join(stack.folder, 'broken.mjs'),
    `console.error('no such table'); process.exitCode = 7;`,
  );
  const { code, stderr } = await stack.run('up');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^stack: broken ended with exit code 7\. Its last lines, .*\nno such table$/m,
  );
  assert.equal(stack.state, undefined);
  assert.deepEqual(await stack.events(), ['api listens', 'api stops']);
});

test('a busy port is told before anything is started', async () => {
  await using stack = await ToyStack.create({ api: undefined, web: 'api' });
  const other = createServer().listen(stack.ports.web, '127.0.0.1');
  await once(other, 'listening');
  const { code, stderr } = await stack.run('start');
  other.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^stack: Port ${stack.ports.web}, which web needs, is taken by`));
  assert.match(stderr, /WEB_PORT=\d+ npm start\n$/);
  assert.equal(stack.state, undefined);
  assert.deepEqual(await stack.events(), ['']);
});

test('a second start says that it is running already and changes nothing', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  await stack.run('up');
  const before = stack.processes;
  for (const command of ['start', 'up']) {
    const { code, stderr } = await stack.run(command);
    assert.equal(code, 1);
    assert.match(stderr, /^stack: The stack is running already/m);
  }
  assert.deepEqual(stack.processes, before);
  assert.ok(before.every(isAlive));
});

test('after the supervisor was killed, down ends what it left', async () => {
  await using stack = await ToyStack.create({ api: undefined, web: 'api' });
  await stack.run('up');
  const { processes } = stack;
  process.kill(stack.state?.supervisor.pid ?? 0, 'SIGKILL');
  await gone([stack.state?.supervisor as ProcessIdentity]);
  assert.ok(processes.every(isAlive));
  const status = await stack.run('status');
  assert.equal(status.code, 1);
  assert.match(status.stdout, /supervisor was killed/);
  const { stderr } = await stack.run('down');
  assert.match(stderr, /Ended what was left running: api, web/);
  assert.ok(!processes.some(isAlive));
});

test('after the supervisor was killed, the next start ends what it left', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  await stack.run('up');
  const left = stack.processes;
  process.kill(stack.state?.supervisor.pid ?? 0, 'SIGKILL');
  const { code, stderr } = await stack.run('up');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /ended what it had left running: api/);
  assert.ok(!left.some(isAlive));
  assert.ok(await answers(stack.ports.api));
});

test('kill is a crash that heals, stop lasts, restart brings back', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  await stack.run('up');
  const first = stack.processes;
  assert.equal((await stack.run('kill', 'api')).code, 0);
  await gone(first);
  for (const end = Date.now() + 10_000; !(await answers(stack.ports.api)); await delay(20)) {
    assert.ok(Date.now() < end, 'it did not come back');
  }

  assert.equal((await stack.run('stop', 'api')).code, 0);
  assert.equal(await answers(stack.ports.api), false);
  const status = await stack.run('status', '--json');
  assert.equal(status.code, 1);
  const [api] = (JSON.parse(status.stdout) as StackStatus).processes;
  assert.equal(api?.status, 'stopped');
  assert.equal(api?.pid, null);

  assert.equal((await stack.run('restart', 'api')).code, 0);
  assert.ok(await answers(stack.ports.api));

  const unknown = await stack.run('kill', 'ipa');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /No process is called "ipa"\. There are: api\./);
});

test('a missing program is left out with a sentence, and what needs it starts without', async () => {
  const missing = `  extra:
    image: extra:1
    x-native: { command: no-such-program }`;
  await using stack = await ToyStack.create({ api: 'extra' }, missing);
  const { code, stderr } = await stack.run('up');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Without extra: no program "no-such-program" is on the PATH/);
  assert.ok(await answers(stack.ports.api));
});

test('an entry that is elsewhere is not started here', async () => {
  await using stack = await ToyStack.create({ api: undefined, web: 'api' });
  await writeFile(join(stack.folder, '.env'), 'API_HOST=192.0.2.1\n');
  const { stderr } = await stack.run('up');
  assert.match(stderr, /Without api: it is at API_HOST=192\.0\.2\.1\./);
  assert.deepEqual(
    stack.state?.processes.map(({ name }) => name),
    ['web'],
  );
});

test('Prometheus finds the processes at the ports they were moved to', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  await stack.run('up');
  const targets = join(stack.folder, '.stack', 'targets', 'services.json');
  assert.deepEqual(JSON.parse(await readFile(targets, 'utf8')), [
    { targets: [`127.0.0.1:${stack.ports.api}`], labels: { job: 'services', service_name: 'api' } },
  ]);
});

test('wrong use is told with the usage and exit code 2', async () => {
  await using stack = await ToyStack.create({});
  const known: [words: string[], usage: string][] = [
    [['fly'], 'COMMAND'],
    [[], 'COMMAND'],
    [['stop'], 'stop NAME'],
    [['down', 'now'], 'down'],
    [['start', '--loud'], 'start [--backends'],
  ];
  for (const [words, usage] of known) {
    const { code, stderr } = await stack.run(...words);
    assert.equal(code, 2, words.join(' '));
    assert.ok(stderr.includes(`\nUsage: npm run stack -- ${usage}`), stderr);
  }
});

test('without any running stack the commands say so', async () => {
  await using stack = await ToyStack.create({ api: undefined });
  assert.match((await stack.run('down')).stderr, /Nothing is running/);
  const restart = await stack.run('restart', 'api');
  assert.equal(restart.code, 1);
  assert.match(restart.stderr, /^stack: The stack is not running/);
});
