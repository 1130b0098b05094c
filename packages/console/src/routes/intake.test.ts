import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { TraceRing } from '@breakwater/timeline';
import { fieldsOf, memorySources, testApp } from '../test-app.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const EXPORT = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
      scopeSpans: [
        { spans: [{ traceId: TRACE, spanId: 'b7ad6b7169203331', name: 'POST /orders' }] },
      ],
    },
  ],
};
type Body = NonNullable<RequestInit['body']>;
const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };

function intake(t: import('node:test').TestContext) {
  const traces = new TraceRing();
  const app = testApp(t, { traces, sources: { ...memorySources({}), traces } });
  const send = (body: Body, headers: Record<string, string> = JSON_TYPE) =>
    app.ask('/v1/traces', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
  return { ...app, send, traces };
}

test('spans that are sent are on the page of their trace', async (t) => {
  const { send, page } = intake(t);
  assert.equal((await send(JSON.stringify(EXPORT))).status, 200);
  assert.match(await page(`/trace/${TRACE}`), /<b>orders<\/b> POST \/orders/);
  const packed = gzipSync(JSON.stringify(EXPORT));
  assert.equal((await send(packed, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 200);
});

test('many exports at once wait for their turn, and too many are told to come again', async (t) => {
  const { send } = intake(t);
  const body = JSON.stringify(EXPORT);
  const sendAll = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => send(body)));
    return Map.groupBy(answers, ({ status }) => status);
  };
  assert.deepEqual([...(await sendAll(66)).keys()], [200]);
  const crowd = await sendAll(150);
  assert.ok((crowd.get(200)?.length ?? 0) >= 66);
  assert.equal(crowd.get(503)?.[0]?.headers.get('retry-after'), '1');
  assert.equal((await send(body)).status, 200);
});

test('exports that trickle are given up, so that others have their turn', async (t) => {
  const { send } = intake(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const trickle = () => new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([0x7b])) });
  const plain = { ...JSON_TYPE, 'content-length': '1000' };
  const slow = [send(trickle(), plain), send(trickle(), { ...plain, 'content-encoding': 'gzip' })];
  const waiting = send(JSON.stringify(EXPORT));
  let answered = false;
  const all = Promise.all([...slow, waiting]).finally(() => {
    answered = true;
  });
  while (!answered) {
    await new Promise(setImmediate);
    t.mock.timers.tick(3_000);
  }
  const statuses = (await all).map(({ status }) => status);
  assert.deepEqual(statuses, [408, 408, 200]);
});

test('what is malformed, packed oddly or too large is refused, and nothing of it is kept', async (t) => {
  const { send, traces } = intake(t);
  const cases: [string, Body, Record<string, string>, number][] = [
    ['no JSON', '{', JSON_TYPE, 400],
    ['no traces', '[]', JSON_TYPE, 400],
    ['no protobuf', 'x', PROTOBUF, 400],
    ['text', '{}', { 'content-type': 'text/plain' }, 415],
    ['brotli', '{}', { ...JSON_TYPE, 'content-encoding': 'br' }, 415],
    ['no gzip', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400],
    ['50 MB said', '{}', { ...JSON_TYPE, 'content-length': String(50 * 1024 * 1024) }, 413],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(50 * 1024 * 1024)),
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      413,
    ],
  ];
  for (const [name, body, headers, status] of cases) {
    assert.equal((await send(body, headers)).status, status, name);
  }
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
  });
  assert.equal((await send(endless)).status, 413, 'a body that does not say how long it is');
  assert.ok(sent < 20, `${sent} MiB were read`);
  assert.deepEqual((await traces.get(TRACE)).found, []);
});

test('where a backend keeps traces there is no intake', async (t) => {
  const { ask } = testApp(t);
  const response = await ask('/v1/traces', { method: 'POST', body: '{}', headers: JSON_TYPE });
  assert.equal(response.status, 404);
});

test('the command line reads traces and series from here', async (t) => {
  const { ask, send } = intake(t);
  await send(JSON.stringify(EXPORT));
  const trace = await (await ask(`/api/sources/trace?about=${TRACE}`)).json();
  assert.match(JSON.stringify(trace), /"service":"orders"/);
  const other = await ask(`/api/sources/trace?about=${'1'.repeat(32)}`);
  const { found, incomplete } = await fieldsOf(other);
  assert.deepEqual(found, []);
  assert.match(String(incomplete), /^Spans are kept in memory, since/);
  assert.equal((await ask('/api/sources/trace?about=rubbish')).status, 400);
  assert.equal((await ask('/api/sources/everything?about=x')).status, 422);
});
