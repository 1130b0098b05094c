import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AnswerIndex } from './answer-index.ts';
import { logFiles } from './log-files.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-lines-'));
  folders.push(folder);
  return folder;
}

const START = Date.parse('2026-01-01T00:00:00.000Z');
const traceIdOf = (i: number) => i.toString(16).padStart(32, '0');

function line(i: number, fields: object = {}, service = 'orders'): string {
  return `${JSON.stringify({
    timestamp: new Date(START + i).toISOString(),
    level: 'info',
    message: 'POST /orders 201',
    'service.name': service,
    trace_id: traceIdOf(i),
    span_id: '00f067aa0ba902b7',
    seq: i,
    ...fields,
  })}\n`;
}

const answered = (i: number, code?: string, fields: object = {}) =>
  line(i, {
    'http.request.method': 'POST',
    'http.route': '/orders',
    'http.response.status_code': code ? 503 : 201,
    duration_ms: 12.5,
    request_id: `r${i}`,
    ...(code ? { error_code: code, 'exception.message': 'not now' } : {}),
    ...fields,
  });

test('the lines of a range are found in the middle of large files', async () => {
  const folder = makeFolder();
  for (const service of ['orders', 'payments']) {
    const lines = Array.from({ length: 20_000 }, (_, i) => line(i, {}, service));
    appendFileSync(join(folder, `${service}.log`), lines.join(''));
  }
  const logs = logFiles(folder);
  const range = { fromMs: START + 9_000, toMs: START + 9_004 };
  const { found } = await logs.within(range);
  assert.deepEqual(
    found.map(({ timeMs, service }) => `${timeMs - START} ${service}`).sort(),
    [9_000, 9_001, 9_002, 9_003, 9_004].flatMap((i) => [`${i} orders`, `${i} payments`]),
  );
  const { found: ofTrace } = await logs.ofTrace(traceIdOf(9_002), range);
  assert.deepEqual(ofTrace.map(({ service }) => service).sort(), ['orders', 'payments']);
  assert.deepEqual(await logs.ofTrace(traceIdOf(9_005), range), { found: [] });
});

test('all lines are found whatever the range begins or ends in', async () => {
  const folder = makeFolder();
  appendFileSync(join(folder, 'orders.1.log'), line(1));
  appendFileSync(join(folder, 'orders.log'), `${line(2)}no JSON\n${line(3)}{"torn`);
  const { found } = await logFiles(folder).within({ fromMs: 0, toMs: Date.now() });
  assert.deepEqual(
    found.map(({ timeMs }) => timeMs - START),
    [1, 2, 3],
  );
});

test('no more than the budget is read, and the newest of it', async () => {
  const folder = makeFolder();
  const lines = Array.from({ length: 5_000 }, (_, i) => line(i));
  appendFileSync(join(folder, 'orders.log'), lines.join(''));
  const { found, incomplete } = await logFiles(folder, 100_000).within({
    fromMs: 0,
    toMs: Date.now(),
  });
  assert.match(incomplete ?? '', /100000 bytes were read, the newest/);
  assert.ok(found.length > 100 && found.length < 1_000, String(found.length));
  assert.equal(found.at(-1)?.timeMs, START + 4_999);
});

test('without the folder there are no lines, and it is said', async () => {
  const folder = join(makeFolder(), 'absent');
  const range = { fromMs: 0, toMs: Date.now() };
  const incomplete = `The folder of log files, ${folder}, cannot be read (ENOENT).`;
  assert.deepEqual(await logFiles(folder).within(range), { found: [], incomplete });
  const index = new AnswerIndex(folder);
  assert.deepEqual(await index.answers({ range, limit: 1 }), { found: [], incomplete });
});

const everything = { range: { fromMs: 0, toMs: START + 100_000 }, limit: 10 };

test('answers are followed as they are written, newest first, also over a rotation', async () => {
  const folder = makeFolder();
  const path = join(folder, 'orders.log');
  const index = new AnswerIndex(folder);
  appendFileSync(path, answered(1) + answered(2, 'OVERLOADED') + line(3));
  assert.deepEqual(
    (await index.answers(everything)).found.map(({ requestId }) => requestId),
    ['r2', 'r1'],
  );
  appendFileSync(path, answered(4, 'BAD_GATEWAY'));
  renameSync(path, join(folder, 'orders.1.log'));
  appendFileSync(path, answered(5, 'BAD_GATEWAY'));
  const { found: failed } = await index.answers({ ...everything, failedOnly: true });
  assert.deepEqual(failed[0], {
    timeMs: START + 5,
    traceId: traceIdOf(5),
    spanId: '00f067aa0ba902b7',
    requestId: 'r5',
    service: 'orders',
    method: 'POST',
    route: '/orders',
    status: 503,
    durationMs: 12.5,
    errorCode: 'BAD_GATEWAY',
    message: 'not now',
  });
  assert.deepEqual(
    failed.map(({ requestId }) => requestId),
    ['r5', 'r4', 'r2'],
  );
});

test('a line that is half written is read when it is whole', async () => {
  const folder = makeFolder();
  const index = new AnswerIndex(folder);
  const [text, path] = [answered(1, 'OVERLOADED'), join(folder, 'orders.log')];
  appendFileSync(path, text.slice(0, 40));
  assert.equal((await index.answers(everything)).found.length, 0);
  appendFileSync(path, text.slice(40));
  assert.equal((await index.answers(everything)).found.length, 1);
});

test('answers are found by each of the things asked for', async () => {
  const folder = makeFolder();
  appendFileSync(
    join(folder, 'orders.log'),
    answered(1, 'A') + answered(2, 'B', { 'http.route': '/items/:id' }) + answered(3),
  );
  const index = new AnswerIndex(folder);
  const ids = async (query: object) =>
    (await index.answers({ ...everything, ...query })).found.map(({ requestId }) => requestId);
  assert.deepEqual(await ids({ errorCode: 'A' }), ['r1']);
  assert.deepEqual(await ids({ route: '/items/:id' }), ['r2']);
  assert.deepEqual(await ids({ requestId: 'r3' }), ['r3']);
  assert.deepEqual(await ids({ traceId: traceIdOf(2) }), ['r2']);
  assert.deepEqual(await ids({ service: 'payments' }), []);
  assert.deepEqual(await ids({ range: { fromMs: START + 2, toMs: START + 2 } }), ['r2']);
  assert.deepEqual(await ids({ limit: 1 }), ['r3']);
});

test('only the newest answers are kept', async () => {
  const folder = makeFolder();
  const index = new AnswerIndex(folder, { maxAnswers: 100 });
  for (let i = 0; i < 1_000; i++) appendFileSync(join(folder, 'orders.log'), answered(i, 'A'));
  const { found } = await index.answers(everything);
  assert.equal(found[0]?.requestId, 'r999');
  const all = await index.answers({ ...everything, limit: 10_000 });
  assert.match(all.incomplete ?? '', /^What was answered before .* is in the log files only/);
  const [bound] = index.bounds();
  assert.ok(bound && bound.used <= bound.limit && bound.dropped >= 800);
});

test('one trace id that is sent a thousand times evicts no answer of another trace', async () => {
  const folder = makeFolder();
  const path = join(folder, 'orders.log');
  const index = new AnswerIndex(folder, { maxAnswers: 100, maxOfTrace: 20 });
  appendFileSync(path, answered(0, 'A'));
  const same = { trace_id: traceIdOf(7) };
  for (let i = 1; i <= 1_000; i++) appendFileSync(path, answered(i, 'B', same));
  const { found } = await index.answers({ ...everything, limit: 1_000 });
  assert.equal(found.length, 21);
  assert.equal(found[0]?.requestId, 'r1000');
  assert.equal(found.at(-1)?.requestId, 'r0');
  const others = await index.answers({ ...everything, exceptTraceIds: [traceIdOf(7)] });
  assert.deepEqual(
    others.found.map(({ requestId }) => requestId),
    ['r0'],
  );
});

test('of a file that was there before only the end is known, and it is said', async () => {
  const folder = makeFolder();
  const lines = Array.from({ length: 1_000 }, (_, i) => answered(i, 'A'));
  appendFileSync(join(folder, 'orders.log'), lines.join(''));
  const index = new AnswerIndex(folder, { startBytes: 2_000 });
  const { found, incomplete } = await index.answers({ ...everything, limit: 1_000 });
  assert.ok(found.length > 0 && found.length < 20);
  const first = new Date(found.at(-1)?.timeMs ?? 0).toISOString();
  assert.equal(incomplete, `What was answered before ${first} is in the log files only.`);
  const recent = { ...everything, range: { fromMs: START + 999, toMs: START + 999 } };
  assert.equal((await index.answers(recent)).incomplete, undefined);
});
