import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { BackendError } from './backend-error.ts';
import type { TimeRange } from './model.ts';
import { answerQuestion, remoteSources } from './remote.ts';
import type { Sources } from './sources.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const line = { timeMs: 5, service: 'todo', level: 'info', message: 'hello', fields: {} };
const logs = {
  ofTrace: async (id: string, range: TimeRange) => ({
    found: [
      { ...line, traceId: id, spanId: undefined, errorCode: undefined, fields: { ...range } },
    ],
  }),
  within: async () => ({ found: [], incomplete: 'some are gone' }),
};
const asked: unknown[] = [];
const own: Sources = {
  traces: { get: async (id) => ({ found: [], incomplete: `nothing of ${id}` }) },
  logs,
  metrics: {
    query: async (selector) => ({ found: [{ labels: { selector }, value: 3 }] }),
    exemplars: async (selector, range) => {
      asked.push(selector, range);
      return { found: [] };
    },
  },
  links: () => ({}),
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  answerQuestion(own, pathname.slice(1), searchParams).then(
    (answer) => response.end(JSON.stringify(answer)),
    () => response.writeHead(422).end(),
  );
});
let remote: Sources;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  remote = remoteSources(`http://127.0.0.1:${port}`, () => ({}));
});
after(() => server.close());

test('traces, series and exemplars of another process are read as its own', async () => {
  const incomplete = `nothing of ${traceId}`;
  assert.deepEqual(await remote.traces.get(traceId), { found: [], incomplete });
  const selector = 'errors{code="A&B"}';
  const { found } = await remote.metrics.query(selector);
  assert.deepEqual(found, [{ labels: { selector }, value: 3 }]);
  await remote.metrics.exemplars('errors', { fromMs: 1, toMs: 2 });
  assert.deepEqual(asked, ['errors', { fromMs: 1, toMs: 2 }]);
});

test('a console that is gone is named', async () => {
  const gone = remoteSources('http://127.0.0.1:9', () => ({}));
  await assert.rejects(gone.traces.get(traceId), (error) => {
    assert.ok(error instanceof BackendError);
    assert.match(error.message, /The console at http:\/\/127.0.0.1:9 does not respond/);
    return true;
  });
});

for (const [question, about] of [
  ['constructor', ''],
  ['trace', '../errors'],
  ['series', 'x'.repeat(1_001)],
] as const) {
  test(`the question ${question} about ${about.slice(0, 12)} is refused`, async () => {
    await assert.rejects(answerQuestion(own, question, new URLSearchParams({ about })), TypeError);
  });
}

test('lines of another process are read with their range', async () => {
  const { found } = await remote.logs.ofTrace(traceId, { fromMs: 1, toMs: 9 });
  assert.deepEqual(found[0]?.fields, { fromMs: 1, toMs: 9 });
  assert.equal(found[0]?.traceId, traceId);
  const all = await remote.logs.within({ fromMs: 1, toMs: 9 });
  assert.deepEqual(all, { found: [], incomplete: 'some are gone' });
});
