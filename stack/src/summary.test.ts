import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeReady, describeSkipped, lacksLogBackend } from './summary.ts';

const missing = (name: string) => ({ name, reason: 'x', installable: true });
const grafana = { name: 'grafana', reason: 'no program', installable: false };

test('all that can be installed is one sentence that names the command', () => {
  const [first, second, ...more] = describeSkipped({
    backends: 'native',
    skipped: [missing('loki'), grafana, missing('jaeger')],
  });
  assert.match(first ?? '', /running without: loki, jaeger\. "npm run stack:install"/);
  assert.equal(second, 'Without grafana: no program.');
  assert.deepEqual(more, []);
  assert.deepEqual(describeSkipped({ backends: 'native', skipped: [] }), []);
});

test('log lines belong on the terminal when nothing takes them to Loki', () => {
  const native = { backends: 'native' } as const;
  assert.equal(lacksLogBackend({ ...native, skipped: [missing('collector')] }), true);
  assert.equal(lacksLogBackend({ ...native, skipped: [missing('toxiproxy'), grafana] }), false);
});

test('what an embedded stack leaves out on purpose is not complained about', () => {
  const embedded = { backends: 'embedded', skipped: [missing('loki')] } as const;
  assert.deepEqual(describeSkipped(embedded), []);
  assert.equal(lacksLogBackend(embedded), false);
});

test('every process is listed with its address', () => {
  const process = { isService: true, status: 'ready', log: 'x.log' } as const;
  const text = describeReady({
    processes: [
      { ...process, name: 'web', ports: [80], ready: 'http://127.0.0.1:80/readyz' },
      { ...process, name: 'database', ports: [54], ready: 'postgres://127.0.0.1:54/x' },
    ],
  });
  assert.match(text, /^ {2}web {7}http:\/\/127\.0\.0\.1:80$/m);
  assert.match(text, /^ {2}database {2}127\.0\.0\.1:54$/m);
});
