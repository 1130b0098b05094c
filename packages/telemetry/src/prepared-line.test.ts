import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import winston from 'winston';
import { afterWriting, isWriting } from './end-of-turn.ts';
import { createLogger } from './logger.ts';
import { type PreparedLine, writePrepared } from './prepared-line.ts';

const SPAN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const MORE = '"duration_ms":1.2,"request_id":"r-1"';

function prepared(fields: PreparedLine['fields'] = { 'http.route': '/x' }): PreparedLine {
  return { level: 'info', message: 'GET /x 200', fields };
}

function logged() {
  const texts: string[] = [];
  const logger = createLogger({
    identity: { serviceName: 'test' },
    now: () => new Date(0),
    write: (line) => texts.push(line),
  });
  return { logger, texts, lines: () => texts.map((text) => JSON.parse(text)) };
}

test('a prepared line reads as one that the logger wrote, in all but its number', () => {
  const { logger, lines } = logged();
  const line = prepared({ 'http.route': '/x', token: 'S3CRET' });
  for (let i = 0; i < 2; i++) writePrepared(logger, line, SPAN, MORE);
  logger.info('GET /x 200', {
    ...{ 'http.route': '/x', token: 'S3CRET', duration_ms: 1.2, request_id: 'r-1' },
    trace_id: SPAN.traceId,
  });
  const [first, second, byLogger] = lines();
  const { seq, span_id, ...rest } = first;
  assert.deepEqual([seq, second.seq, byLogger.seq], [0, 1, 2]);
  assert.equal(span_id, SPAN.spanId);
  assert.equal(rest.token, '[redacted]');
  delete byLogger.seq;
  assert.deepEqual(rest, byLogger);
});

test('a level that is not written, a logger that is silent', () => {
  const { logger, texts } = logged();
  logger.level = 'warn';
  writePrepared(logger, prepared(), SPAN, MORE);
  logger.level = 'info';
  logger.silent = true;
  writePrepared(logger, prepared(), SPAN, MORE);
  assert.deepEqual(texts, []);
});

test('the transports of a logger, and another logger of winston, get every line', () => {
  const seen: Record<string, unknown>[] = [];
  const transport = () =>
    Object.assign(new winston.transports.Console(), {
      log: (info: Record<string, unknown>, done: () => void) => {
        seen.push(info);
        done();
      },
    });
  const { logger, texts } = logged();
  logger.add(transport());
  writePrepared(logger, prepared(), SPAN, MORE);
  assert.equal(texts.length, 1);
  writePrepared(winston.createLogger({ transports: [transport()] }), prepared(), SPAN, MORE);
  for (const info of seen) {
    assert.deepEqual([info.message, info.request_id], ['GET /x 200', 'r-1']);
    assert.equal(info.trace_id, SPAN.traceId);
  }
  assert.equal(seen.length, 2);
});

test('lines of the end of a turn are written before what waits for them, in their order', async () => {
  const { logger, texts } = logged();
  const order: string[] = [];
  writePrepared(logger, prepared({ n: 1 }), SPAN, MORE, 'end of turn');
  assert.ok(isWriting());
  assert.deepEqual(texts, []);
  afterWriting(() => order.push(`sent after ${texts.length}`));
  writePrepared(logger, prepared({ n: 2 }), SPAN, MORE, 'end of turn');
  await nextTurn();
  assert.deepEqual(order, ['sent after 2']);
  assert.ok(!isWriting());
});

test('a line that is written at once takes along those that waited', () => {
  const { logger, lines } = logged();
  writePrepared(logger, prepared({ n: 1 }), SPAN, MORE, 'end of turn');
  logger.info('now');
  assert.deepEqual(
    lines().map(({ message }) => message),
    ['GET /x 200', 'now'],
  );
});
