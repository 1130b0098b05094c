import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '@breakwater/testing';
import { startOtlpReceiver } from '../../otel/node/src/testing/index.ts';
import { ForeignProject, type NodeMajor } from './project.ts';
import { tarballsOf } from './tarballs.ts';

const HERE = import.meta.dirname;
const TSC = resolve(HERE, '../../node_modules/.bin/tsc');
const BEFORE = join(HERE, 'todo/before.ts');
const AFTER = join(HERE, 'todo/after.ts');
/** Others than those that this repository is developed on. */
const OTHERS = ['hono@4.13.18', '@hono/node-server@2.1.8'];
const PEERS = ['@opentelemetry/api@1.10.0', 'prom-client@15.1.3', 'winston@3.19.0'];

const run = promisify(execFile);
const source = readFileSync(AFTER, 'utf8');

/** What the app asks; it answers as `status` says. */
let status = 500;
const peer = createServer((_, response) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end('{"forecast":"rain"}');
});
before(async () => {
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
});
after(() => peer.close());

test('an app adopts the libraries with at most ten changed lines', () => {
  const { stdout } = spawnSync('git', ['diff', '--no-index', '--numstat', BEFORE, AFTER], {
    encoding: 'utf8',
  });
  const [added, removed] = stdout.split('\t').map(Number);
  assert.ok(added !== undefined && added > 0 && added <= 10, `${added} lines are new or changed`);
  assert.ok(removed !== undefined && removed <= added);
});

interface Variant {
  readonly name: string;
  readonly node: NodeMajor;
  readonly file: string;
  /** Makes the file of the sources, where it is not written as it is. */
  readonly compile?: (project: ForeignProject) => Promise<unknown>;
  readonly code: string;
  /** Whether the SDK is there. */
  readonly traced: boolean;
}

const javascript = { file: 'todo.js', code: stripTypeScriptTypes(source) };
const variants: Variant[] = [
  { name: 'TypeScript on Node 24', node: 24, file: 'todo.ts', code: source, traced: true },
  {
    name: 'compiled TypeScript on Node 22',
    ...{ node: 22, file: 'dist/todo.js', code: source, traced: true },
    compile: (project) => run(TSC, ['-p', '.'], { cwd: project.folder }),
  },
  { name: 'JavaScript on Node 22', node: 22, ...javascript, traced: true },
  { name: 'JavaScript on Node 20, without an SDK', node: 20, ...javascript, traced: false },
];

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    ...{ module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: true },
    ...{ outDir: 'dist', rootDir: '.', types: ['node'] },
  },
  files: ['todo.ts'],
});

for (const { name, node, file, code, compile, traced } of variants) {
  test(`${name}: the failing request of an adopted app is known everywhere`, async (t) => {
    status = 500;
    const receiver = await startOtlpReceiver();
    t.after(() => receiver.close());
    await using project = await ForeignProject.create({
      node,
      packages: [
        ...tarballsOf('errors', 'telemetry', 'resilience', 'hono', ...(traced ? ['otel'] : [])),
        ...[...OTHERS, ...PEERS, ...(compile ? ['@types/node@22.10.0'] : [])],
      ],
      files: { [compile ? 'todo.ts' : file]: code, 'tsconfig.json': TSCONFIG },
    });
    await compile?.(project).catch(({ stdout }) => assert.fail(stdout));
    const hook = traced ? ['--import', '@breakwater/otel/register'] : [];
    const app = await project.start([...hook, file], /^operations on (\d+)$/, {
      PORT: '0',
      WEATHER_URL: `http://127.0.0.1:${(peer.address() as AddressInfo).port}`,
      OTEL_SERVICE_NAME: 'todo',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    const [, operations] = app.match;
    const [, port] = app.lines.map((line) => /^listening on (\d+)$/.exec(line)).find(Boolean) ?? [];
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

    assert.deepEqual(await (await ask('/todos')).json(), [{ id: '1', title: 'Buy milk' }]);

    const response = await ask('/todos/1/weather');
    const body = (await response.json()) as Record<string, unknown>;
    const traceId = response.headers.get('x-trace-id') ?? '';
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.deepEqual(
      [response.status, body.error_code, body.trace_id, body.service_name],
      [502, 'BAD_GATEWAY', traceId, 'todo'],
    );

    const line = await eventually(async () => {
      const found = app.lines.find((each) => each.includes(`"trace_id":"${traceId}"`));
      assert.ok(found, 'the line of the request');
      return JSON.parse(found);
    });
    assert.equal(line.error_code, 'BAD_GATEWAY');
    assert.equal(line['http.route'], '/todos/:id/weather');

    if (traced) {
      const server = await receiver.waitFor(
        (span) => span.traceId === traceId && span.kind === 'SERVER',
      );
      assert.deepEqual([server.name, server.status], ['GET /todos/:id/weather', 'ERROR']);
      await receiver.waitFor((span) => span.traceId === traceId && span.kind === 'CLIENT');
    }

    for (let call = 0; call < 4; call++) await ask('/todos/1/weather');
    status = 200;
    const refused = (await (await ask('/todos/1/weather')).json()) as Record<string, unknown>;
    assert.equal(refused.error_code, 'CIRCUIT_OPEN', 'the peer works again, and is not asked');

    const metrics = await (await fetch(`http://127.0.0.1:${operations}/metrics`)).text();
    const counted = metrics.split('\n').filter((each) => each.includes('BAD_GATEWAY'));
    assert.ok(counted.length > 0, 'a metric by code');
    if (traced) {
      assert.ok(
        counted.some((each) => each.includes(`trace_id="${traceId}"`)),
        `an exemplar: ${counted.join('\n')}`,
      );
    }
    assert.match(
      metrics,
      /^resilience_circuit_breaker_status\{breaker="weather",state="open"\} 1$/m,
    );
    const breakers = await (await fetch(`http://127.0.0.1:${operations}/breakers`)).json();
    assert.equal((breakers as { breakers: { state: string }[] }).breakers[0]?.state, 'open');
  });
}
