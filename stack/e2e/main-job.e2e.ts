import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Timeline, TimelineSpan } from '@breakwater/timeline';
import { setFault, TestStack } from './test-stack.ts';

const stack = new TestStack();
before(() => stack.up());
after(() => stack.down());

const ALL = ['catalog', 'gateway', 'orders', 'payments', 'unstable'];

function placeOrder(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function explain(traceId: string): Promise<Timeline> {
  const { code, stdout, stderr } = await stack.command(
    'explain',
    traceId,
    '--json',
    '--wait',
    '10',
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function servicesWithLines(timeline: Timeline): string[] {
  const services = new Set<string>();
  const visit = (node: TimelineSpan): void => {
    for (const entry of node.entries) {
      if (entry.type === 'span') visit(entry.node);
      if (entry.type === 'line') services.add(entry.line.service);
    }
  };
  timeline.roots.forEach(visit);
  return [...services].sort();
}

const order = { user_id: 'user1', item_id: 'item1', quantity: 1 };

const failures = [
  { name: 'hangs', fault: { kind: 'hang' }, status: 504 },
  { name: 'answers 503', fault: { kind: 'status', status: 503 }, status: 503 },
  { name: 'answers 500', fault: { kind: 'status', status: 500 }, status: 502 },
] as const;

for (const { name, fault, status } of failures) {
  test(`an order whose provider ${name} has one timeline over all services`, async () => {
    await setFault(stack, { route: 'POST /charges', ...fault });
    const response = await placeOrder(order);
    const body = (await response.json()) as Record<string, unknown>;
    await setFault(stack, undefined);
    assert.equal(response.status, status);
    assert.deepEqual(Object.keys(body).sort(), [
      'context',
      'error_code',
      'message',
      'service_name',
      'status_code',
      'trace_id',
    ]);
    assert.equal(body.trace_id, response.headers.get('x-trace-id'));
    assert.ok(Number(response.headers.get('retry-after')) >= 1);

    const timeline = await explain(String(body.trace_id));
    assert.equal(timeline.roots.length, 1);
    assert.deepEqual([...timeline.services].sort(), ALL);
    assert.deepEqual(servicesWithLines(timeline), ALL);
    assert.equal(timeline.answer?.errorCode, body.error_code);
    assert.equal(timeline.answer?.status, status);
    assert.ok((timeline.series[0]?.value ?? 0) >= 1);
  });
}

test('a client that asks not to be sampled hides nothing', async () => {
  await setFault(stack, { route: 'POST /charges', kind: 'status', status: 503 });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const response = await placeOrder(order, { traceparent: `00-${traceId}-00f067aa0ba902b7-00` });
  await setFault(stack, undefined);
  assert.equal(response.headers.get('x-trace-id'), traceId);
  const timeline = await explain(traceId);
  assert.deepEqual([...timeline.services].sort(), ALL);
  assert.deepEqual(servicesWithLines(timeline), ALL);
});

test('a request that never left the gateway has its timeline too', async () => {
  const response = await placeOrder({ ...order, quantity: 'many' });
  assert.equal(response.status, 422);
  const timeline = await explain(response.headers.get('x-trace-id') ?? '');
  assert.deepEqual(timeline.services, ['gateway']);
  assert.deepEqual(servicesWithLines(timeline), ['gateway']);
  assert.equal(timeline.answer?.errorCode, 'VALIDATION_ERROR');
});

test('explain says so when it knows nothing, and what to do', async () => {
  const unknown = await stack.command('explain', 'f'.repeat(32), '--wait', '0');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /No span, no log line of the last 72 hours and no metric/);
  const malformed = await stack.command('explain', 'f'.repeat(31));
  assert.equal(malformed.code, 2);
  await stack.stop('jaeger');
  const down = await stack.command('explain', 'f'.repeat(32), '--wait', '0');
  await stack.restart('jaeger');
  assert.equal(down.code, 1);
  assert.match(down.stderr, /Jaeger at .* does not respond.*npm start/s);
});

for (const [process, kind] of [
  ['jaeger', 'spans'],
  ['loki', 'lines'],
  ['prometheus', 'metrics'],
] as const) {
  test(`without ${process} a failure is told by the others, and that it is missing`, async () => {
    const response = await placeOrder({ ...order, quantity: 'many' });
    const traceId = response.headers.get('x-trace-id') ?? '';
    // Whole, so that what is told below is what the others have.
    await explain(traceId);
    await stack.stop(process);
    const told = await explain(traceId);
    await stack.restart(process);
    assert.equal(told.verdict.outcome, 'failed');
    assert.equal(told.answer?.errorCode, 'VALIDATION_ERROR');
    assert.equal(told.answer?.status, 422);
    assert.equal(told.evidence[kind].state, 'failed');
    assert.match(told.evidence[kind].why ?? '', /does not respond \(ECONNREFUSED\)/);
  });
}
