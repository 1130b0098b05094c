import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { eventually, type LogLine } from '@breakwater/testing';
import { ServiceFaults } from './faults/service-faults.ts';
import { runService } from './run-service.ts';
import { testService } from './test-service.ts';

/** A service as a process of its own; its routes do what a test asks for. */
const SOURCE = `
import { createLogger } from '@breakwater/otel';
import { createService, runService, startUp } from '@breakwater/kit';
import { stream } from 'hono/streaming';

const logger = createLogger();
const service = createService({ name: 'fixture', description: 'A fixture.', logger });
const held = Promise.withResolvers();
let endless;
service.app
  .get('/slow', async (c) => {
    logger.info('slow began');
    await held.promise;
    return c.text('done');
  })
  .get('/later', (c) => {
    setTimeout(() => { throw new Error('thrown in a timer'); }, 1);
    return c.text('ok');
  })
  .get('/orphan', (c) => {
    Promise.reject(new Error('rejected for nobody'));
    return c.text('ok');
  })
  .get('/stream', (c) => stream(c, async (s) => {
    await s.write('part');
    throw new Error('broke in the stream');
  }))
  .get('/endless', (c) => c.body(new ReadableStream({
    start(controller) {
      endless = controller;
      controller.enqueue(new TextEncoder().encode('first'));
    },
  })))
  .get('/print', (c) => {
    console.warn('printed by %s', 'a library', { n: 1 });
    return c.text('ok');
  });
const end = (name, fails) => async () => {
  logger.info('end ' + name);
  if (fails) throw new Error('cannot end');
};
process.on('SIGUSR2', () => held.resolve());
await startUp(logger, () => runService(service, {
  port: Number(process.env.PORT),
  host: '127.0.0.1',
  onStop: () => endless?.close(),
  onClose: [end('consumer', true), end('database')],
}));
`;

const register = new URL('../../../../otel/node/src/register.ts', import.meta.url).href;
const children = new Set<() => void>();
after(() => {
  for (const kill of children) kill();
});

async function start(port = '0') {
  const child = spawn(
    process.execPath,
    ['--import', register, '--input-type=module', '-e', SOURCE],
    {
      cwd: import.meta.dirname,
      env: {
        PATH: process.env.PATH,
        PORT: port,
        OPERATIONS_PORT: '0',
        OTEL_SERVICE_NAME: 'fixture',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.add(() => child.kill('SIGKILL'));
  const lines: LogLine[] = [];
  const waiting = new Map<RegExp, (line: LogLine) => void>();
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const closed = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine;
    lines.push(line);
    for (const [pattern, resolve] of waiting) if (pattern.test(line.message)) resolve(line);
  });
  const line = (pattern: RegExp) => {
    const found = lines.find(({ message }) => pattern.test(message));
    return found ?? new Promise<LogLine>((resolve) => waiting.set(pattern, resolve));
  };
  const ended = closed.then(([code, signal]) => ({ code, signal, errors }));
  return { child, lines, line, ended };
}

async function started(port?: string) {
  const fixture = await start(port);
  const { message } = await fixture.line(/listens on/);
  return { ...fixture, url: message.replace(/^.* on /, '') };
}

test('a stop loses nothing: readiness, requests in flight, what is to be ended, the last line', async () => {
  const { child, lines, line, ended, url } = await started();
  const slow = fetch(`${url}/slow`);
  await line(/slow began/);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  child.kill('SIGTERM');
  await eventually(() => assert.rejects(fetch(`${url}/healthz`)));
  const began = performance.now();
  child.kill('SIGUSR2');
  assert.equal(await (await slow).text(), 'done', 'what began is finished');
  const { code, signal, errors } = await ended;

  assert.deepEqual({ code, signal, errors }, { code: 0, signal: null, errors: '' });
  assert.ok(performance.now() - began < 3_000, 'idle connections do not delay the end');
  const order = lines.map(({ message }) => message);
  const at = (message: string) => order.indexOf(message);
  assert.ok(at('GET /slow 200') < at('end consumer'), 'requests end first');
  assert.ok(at('end consumer') < at('could not end cleanly'));
  assert.ok(at('could not end cleanly') < at('end database'), 'one that fails stops nobody else');
  assert.equal(order.at(-1), 'fixture closed');
  assert.equal(lines.at(-1)?.['event.name'], 'closed');
});

const LOOPBACK = { port: 0, host: '127.0.0.1' };

/** Asks over a connection that is kept, if the server keeps it; tells what became of it. */
function askOver(agent: Agent, url: string): Promise<{ status: number; connection: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const { statusCode: status = 0, headers } = response;
      response.resume();
      response.once('end', () => resolve({ status, connection: headers.connection ?? '' }));
    }).once('error', reject);
  });
}

test('a stop can be seen before the listener closes, and each response then ends its connection', async () => {
  const { service } = testService();
  service.app.get('/work', (c) => c.text('done'));
  const order: string[] = [];
  const drained = Promise.withResolvers<void>();
  const waited: number[] = [];
  const running = await runService(service, {
    ...LOOPBACK,
    operations: LOOPBACK,
    drainMs: 5_000,
    wait: (ms) => {
      waited.push(ms);
      return drained.promise;
    },
    onStop: () => order.push('onStop'),
    onClose: [async () => order.push('onClose')],
  });
  const url = `http://127.0.0.1:${running.port}`;
  const operations = `http://127.0.0.1:${running.operationsPort}`;
  const agent = new Agent({ keepAlive: true });
  const readyz = () => fetch(`${operations}/readyz`).then(({ status }) => status);
  assert.equal(await readyz(), 200);
  assert.deepEqual(await askOver(agent, `${url}/work`), { status: 200, connection: 'keep-alive' });

  const closing = running.close();
  assert.equal(await readyz(), 503);
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await askOver(agent, `${url}/work`), { status: 200, connection: 'close' });
  }
  assert.deepEqual([waited, order], [[5_000], []]);

  drained.resolve();
  await closing;
  assert.deepEqual(order, ['onStop', 'onClose']);
  for (const at of [url, operations]) await assert.rejects(fetch(`${at}/healthz`));
  agent.destroy();
});

test('a stop does not wait for what a fault holds', async () => {
  const token = 'secret';
  const { service } = testService({ faults: new ServiceFaults(), controlToken: token });
  service.app.get('/work', (c) => c.text('done'));
  const running = await runService(service, { ...LOOPBACK, operations: LOOPBACK });
  const operations = `http://127.0.0.1:${running.operationsPort}/faults`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const fault = { route: 'GET /work', kind: 'latency', latency_ms: 60_000 };
  await fetch(operations, { method: 'PUT', headers, body: JSON.stringify(fault) });
  const held = fetch(`http://127.0.0.1:${running.port}/work`);
  await eventually(async () => {
    const { faults } = (await (await fetch(operations, { headers })).json()) as {
      faults: { hits: number }[];
    };
    assert.equal(faults[0]?.hits, 1);
  });
  const [response] = await Promise.all([held, running.close()]);
  assert.equal(await response.text(), 'done');
});

test('readiness is told until the last thing has ended', async () => {
  const { service } = testService();
  const ended = Promise.withResolvers<void>();
  const options = { ...LOOPBACK, operations: LOOPBACK, onClose: [() => ended.promise] };
  const running = await runService(service, options);
  const closing = running.close();
  const url = `http://127.0.0.1:${running.port}/healthz`;
  await eventually(() => assert.rejects(fetch(url), 'no request is taken any more'));
  const { status } = await fetch(`http://127.0.0.1:${running.operationsPort}/readyz`);
  assert.equal(status, 503);
  ended.resolve();
  await closing;
});

test('a service that cannot listen publicly does not listen for operators either', async () => {
  const { service } = testService();
  const first = await runService(service, { ...LOOPBACK, operations: LOOPBACK });
  const operations = { ...LOOPBACK, port: first.operationsPort };
  const again = testService().service;
  await assert.rejects(
    runService(again, { ...LOOPBACK, operations }),
    /test cannot listen on 127.0.0.1:\d+: it is in use; set OPERATIONS_PORT to a free one/,
  );
  await assert.rejects(
    runService(again, { ...LOOPBACK, port: first.port, operations: LOOPBACK }),
    /it is in use; set PORT to a free one/,
  );
  await first.close();
});

test('an answer without an end of its own does not delay the stop', async () => {
  const { child, ended, url } = await started();
  const endless = await fetch(`${url}/endless`);
  const began = performance.now();
  child.kill('SIGTERM');
  assert.equal(await endless.text(), 'first');
  assert.equal((await ended).code, 0);
  assert.ok(performance.now() - began < 5_000);
});

test('a port in use is one sentence that says what to do', async () => {
  const first = await started();
  const { port } = new URL(first.url);
  const second = await start(port);
  const { code } = await second.ended;
  assert.equal(code, 1);
  assert.ok(
    second.lines.some(({ message }) => message === 'end database'),
    'ends what it opened',
  );
  const last = second.lines.at(-1);
  assert.equal(last?.error_code, undefined);
  assert.equal(
    last?.message,
    `cannot start: fixture cannot listen on 127.0.0.1:${port}: it is in use; set PORT to a free one`,
  );
  first.child.kill('SIGTERM');
  await first.ended;
});

test('what is thrown or rejected outside of any request is logged with the trace it came from', async () => {
  const { child, line, ended, url } = await started();
  const traceOf = async (path: string) => (await fetch(`${url}${path}`)).headers.get('x-trace-id');

  const orphan = await traceOf('/orphan');
  const rejected = await line(/awaited by nobody/);
  assert.deepEqual([rejected.level, rejected.trace_id], ['error', orphan]);
  assert.match(String(rejected['exception.stacktrace']), /rejected for nobody/);
  assert.equal(rejected.error_code, undefined);
  assert.equal((await fetch(`${url}/healthz`)).status, 200, 'the service goes on');

  const broken = await traceOf('/stream');
  const streamed = await line(/broke in the stream/);
  assert.deepEqual([streamed.level, streamed.trace_id], ['error', broken]);

  const printer = await traceOf('/print');
  const printed = await line(/printed by/);
  assert.deepEqual(
    [printed.level, printed.message, printed.trace_id],
    ['warn', 'printed by a library { n: 1 }', printer],
  );

  const later = await traceOf('/later');
  const uncaught = await line(/uncaught exception/);
  assert.deepEqual([uncaught.level, uncaught.trace_id], ['error', later]);
  assert.match(String(uncaught['exception.stacktrace']), /thrown in a timer/);
  await line(/fixture closed/);
  const { code, errors } = await ended;
  assert.deepEqual([code, errors], [1, ''], 'a clean end that says it was none');
  child.kill('SIGKILL');
});
