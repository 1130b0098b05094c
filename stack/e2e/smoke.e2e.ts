import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestStack } from './test-stack.ts';

const stack = new TestStack();
before(() => stack.up());
after(() => stack.down());

test('smoke passes, is in Prometheus under its testid, and names failures to explain', async () => {
  const run = await stack.command('load', 'smoke', '--json');
  assert.equal(run.code, 0, run.stderr);
  const result = JSON.parse(run.stdout) as {
    testId: string;
    passed: boolean;
    failures: { status: number; trace_id: string; expected: boolean }[];
  };
  assert.ok(result.passed);
  assert.ok(result.failures.length > 0);
  assert.deepEqual(
    result.failures.filter(({ expected }) => !expected),
    [],
  );

  const query = `k6_http_reqs_total{testid="${result.testId}"}`;
  const url = `${stack.url('PROMETHEUS_PORT')}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer = (await (await fetch(url)).json()) as { data: { result: unknown[] } };
  assert.ok(answer.data.result.length > 0, 'k6 has no series in Prometheus');

  const explained = await stack.command('explain', result.failures[0]?.trace_id ?? '');
  assert.equal(explained.code, 0, explained.stderr);
  assert.match(explained.stdout, /What the client saw/);
});
