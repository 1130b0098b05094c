import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ForeignProject } from './project.ts';
import { tarballsOf } from './tarballs.ts';

test('errors alone: five lines make a plain Hono app on Node 20 keep the contract', async () => {
  await using project = await ForeignProject.create({
    node: 20,
    packages: [...tarballsOf('errors'), 'hono@4.13.18'],
    files: {
      'app.js': `
        import { Hono } from 'hono';
        import { NotFoundError, renderError, toAppError } from '@breakwater/errors';
        const app = new Hono();
        app.get('/todos/:id', (c) => { throw new NotFoundError('todo', c.req.param('id')); });
        app.onError((thrown, c) => {
          const ids = { traceId: 'a'.repeat(32), requestId: 'r-1', path: c.req.path };
          const { status, headers, body } = renderError('problem', { error: toAppError(thrown), serviceName: 'todo', ...ids });
          return new Response(body, { status, headers });
        });
        const response = await app.request('/todos/7');
        console.log(JSON.stringify([process.version, response.status, await response.json()]));`,
    },
  });
  assert.deepEqual(project.installed(), ['@breakwater/errors', 'hono'], 'it has no dependency');
  const { code, stdout, stderr } = await project.run(['app.js']);
  assert.equal(code, 0, stderr);
  const [version, status, body] = JSON.parse(stdout);
  assert.match(version, /^v20\./);
  assert.equal(status, 404);
  assert.equal(body.error_code, 'TODO_NOT_FOUND');
  assert.equal(body.trace_id, 'a'.repeat(32));
});

test('resilience alone: a circuit opens on Node 20, and no SDK is installed', async () => {
  await using project = await ForeignProject.create({
    node: 20,
    packages: [...tarballsOf('errors', 'resilience'), '@opentelemetry/api@1.10.0'],
    files: {
      'app.js': `
        import { dependency } from '@breakwater/resilience';
        const mail = dependency('mail', { retry: false, breaker: { trip: { kind: 'consecutive', failures: 2 } } });
        const names = [];
        for (let call = 0; call < 3; call++) {
          await mail.execute(() => Promise.reject(new Error('down'))).catch((error) => names.push(error.name));
        }
        console.log(JSON.stringify([names, mail.breakers()[0].state]));`,
    },
  });
  assert.deepEqual(project.installed(), [
    '@breakwater/errors',
    '@breakwater/resilience',
    '@opentelemetry/api',
    'cockatiel',
  ]);
  const cockatiel = readFileSync(
    join(project.folder, 'node_modules/cockatiel/package.json'),
    'utf8',
  );
  assert.match(JSON.parse(cockatiel).version, /^3\./, 'the last that says it runs on Node 20');
  const { code, stdout, stderr } = await project.run(['app.js']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), [['Error', 'Error', 'CircuitOpenError'], 'open']);
});

test('telemetry on Node 20: lines and metrics without an SDK', async () => {
  await using project = await ForeignProject.create({
    node: 20,
    packages: [
      ...tarballsOf('errors', 'telemetry'),
      ...['@opentelemetry/api@1.10.0', 'prom-client@15.1.3', 'winston@3.19.0'],
    ],
    files: {
      'app.js': `
        import { createLogger, createRegistry } from '@breakwater/telemetry';
        const registry = createRegistry();
        createLogger({ identity: { serviceName: 'todo' }, registry }).info('hello', { token: 'secret' });
        process.stdout.write(await registry.metrics());`,
    },
  });
  assert.deepEqual(
    project.installed().filter((name) => name.startsWith('@opentelemetry/sdk')),
    [],
  );
  const { code, stdout, stderr } = await project.run(['app.js'], { LOG_LEVEL: 'error' });
  assert.equal(code, 0, stderr);
  const [line = '', ...metrics] = stdout.split('\n');
  const { message, token, ...fields } = JSON.parse(line);
  assert.deepEqual([message, fields['service.name']], ['hello', 'todo'], 'no variable is read');
  assert.notEqual(token, 'secret');
  assert.ok(metrics.includes('log_lines_total{level="info"} 1'));
});
