import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogEntry, lineFormat, MAX_LINE_BYTES } from './log-line.ts';

const IDENTITY = { serviceName: 'catalog', namespace: 'shop', environment: 'test' };
const SPAN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

function entry(given: Partial<LogEntry> = {}): LogEntry {
  return {
    time: new Date('2026-11-05T10:00:00.123Z'),
    level: 'info',
    message: 'hello',
    fields: {},
    span: undefined,
    ...given,
  };
}

function lineOf(given: Partial<LogEntry>): Record<string, unknown> {
  return JSON.parse(lineFormat(IDENTITY).line(entry(given)));
}

describe('a log line', () => {
  it('carries who, when, where in the trace, and its number', () => {
    assert.deepEqual(lineOf({ span: SPAN, fields: { item_id: 7 } }), {
      timestamp: '2026-11-05T10:00:00.123Z',
      level: 'info',
      message: 'hello',
      'service.name': 'catalog',
      'service.namespace': 'shop',
      'deployment.environment.name': 'test',
      'process.pid': process.pid,
      trace_id: SPAN.traceId,
      span_id: SPAN.spanId,
      seq: 0,
      item_id: 7,
    });
  });

  it('is one line, whatever the message and the fields hold', () => {
    const text = 'a\n"b"\u2028\u0000\ud800 ü';
    const line = lineFormat(IDENTITY).line(
      entry({ message: text, level: 'in"fo', fields: { text } }),
    );
    assert.equal(line.split('\n').length, 1);
    const { message, level, text: field } = JSON.parse(line);
    assert.deepEqual([message, level, field], [text, 'in"fo', text]);
  });

  it('tells equal messages of one millisecond apart', () => {
    const format = lineFormat(IDENTITY).line;
    const lines = Array.from({ length: 100 }, () => format(entry()));
    assert.equal(new Set(lines).size, 100);
    assert.equal(JSON.parse(lines[99] as string).seq, 99);
  });

  it('writes the time of each entry, not of the one before', () => {
    const format = lineFormat(IDENTITY).line;
    const times = [0, 1, 1, 0].map((ms) => JSON.parse(format(entry({ time: new Date(ms) }))));
    assert.deepEqual(
      times.map(({ timestamp }) => timestamp.slice(-5)),
      ['.000Z', '.001Z', '.001Z', '.000Z'],
    );
  });

  it('lets no field stand in for what only the logger knows', () => {
    const line = lineOf({
      span: SPAN,
      fields: {
        'service.name': 'x',
        level: 'debug',
        message: 'm',
        timestamp: 't',
        seq: 9,
        span_id: 's',
      },
    });
    assert.deepEqual(
      [line['service.name'], line.level, line.message, line.seq, line.span_id],
      ['catalog', 'info', 'hello', 0, SPAN.spanId],
    );
    assert.equal(line.timestamp, '2026-11-05T10:00:00.123Z');
  });

  it('takes the trace its fields name before the active one', () => {
    const other = lineOf({ span: SPAN, fields: { trace_id: 'c'.repeat(32) } });
    assert.equal(other.trace_id, 'c'.repeat(32));
    assert.equal(other.span_id, undefined, 'the active span is of another trace');
    const none = lineOf({ span: SPAN, fields: { trace_id: '"><script>' } });
    assert.equal(none.trace_id, SPAN.traceId, 'what is no trace id names none');
    const same = lineOf({ span: SPAN, fields: { trace_id: SPAN.traceId } });
    assert.equal(same.span_id, SPAN.spanId);
  });

  it('holds no secret, neither by key nor in a text', () => {
    const line = lineOf({
      message: 'cannot reach postgres://app:hunter2@db/x',
      fields: { password: 'hunter2', deep: { api_key: 'hunter2' }, url: 'http://a:hunter2@b/' },
    });
    assert.doesNotMatch(JSON.stringify(line), /hunter2/);
    assert.equal(line.password, '[redacted]');
  });

  it('tells errors whole, wherever they stand', () => {
    const err = new TypeError('outer', { cause: Object.assign(new Error('root'), { code: 'E1' }) });
    const line = lineOf({ fields: { job: { errors: [err] } } });
    const [told] = (line.job as { errors: Record<string, Record<string, unknown>>[] }).errors;
    assert.match(String(told?.stack), /log-line\.test\.ts/);
    assert.equal(told?.type, 'TypeError');
    assert.deepEqual([told?.cause?.message, told?.cause?.code], ['root', 'E1']);
  });

  it('survives values that cannot be written', () => {
    const cycle: Record<string, unknown> = { n: 10n, f: () => 1, when: new Date(Number.NaN) };
    cycle.self = cycle;
    assert.deepEqual(lineOf({ fields: { cycle } }).cycle, {
      n: '10',
      f: '[function f]',
      when: null,
      self: '[circular]',
    });
    const hostile = {
      get bad() {
        throw new Error('no');
      },
    };
    assert.equal(lineOf({ fields: hostile }).bad, '[unreadable]');
    const proxy = new Proxy({}, { ownKeys: () => assert.fail('no') });
    assert.equal(lineOf({ fields: proxy }).log_error, '[unreadable]');
    assert.equal(lineOf({ message: undefined }).message, '');
    assert.deepEqual(lineOf({ message: { a: 1 } }).message, { a: 1 });
  });

  it('stays below what Loki takes, and keeps ids and codes', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`text_${i}`, 'ü'.repeat(10_000)]),
    );
    const text = lineFormat(IDENTITY).line(
      entry({ span: SPAN, fields: { ...fields, error_code: 'X' } }),
    );
    assert.ok(Buffer.byteLength(text) <= MAX_LINE_BYTES, `${Buffer.byteLength(text)} bytes`);
    const line = JSON.parse(text);
    assert.equal(line.trace_id, SPAN.traceId);
    assert.equal(line.error_code, 'X');
    assert.ok(line.shortened_from_bytes > 800_000);
  });

  it('cuts no more than it must', () => {
    const long = { stack: 's'.repeat(16_000), a: 'a'.repeat(16_000), b: 'b'.repeat(16_000) };
    const line = lineOf({ fields: { ...long, c: 'c'.repeat(16_000) } });
    assert.equal((line.stack as string).length, 8_193);
  });

  it('fits also when the client chose the keys, and every character needs six bytes', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`${i}${'k'.repeat(20_000)}`, '\0'.repeat(10_000)]),
    );
    const text = lineFormat(IDENTITY).line(entry({ message: '\0'.repeat(16_000), fields }));
    assert.ok(Buffer.byteLength(text) <= MAX_LINE_BYTES);
  });

  it('leaves a line alone that is as long as it may be', () => {
    const line = lineOf({ fields: { a: 'x'.repeat(16_000), b: 'x'.repeat(16_000) } });
    assert.equal(line.shortened_from_bytes, undefined);
    assert.equal((line.a as string).length, 16_000);
  });
});
