import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, type Written } from './output-lines.ts';

const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const NOW = Date.parse('2026-01-02T03:04:05.006Z');

function written(text: string, more: Partial<Written> = {}) {
  const base = { text, level: 'info', service: 'todo', nowMs: NOW, trace: TRACE };
  return linesOf({ ...base, ...more }).map((line) => JSON.parse(line));
}

test('text that is written at once is one line of its trace, without colours', () => {
  const lines = written('\u001b[31mError: gone\u001b[39m\n    at a\n    at b\n', {
    level: 'error',
  });
  assert.equal(lines.length, 1);
  const [{ message, level, trace_id, span_id, timestamp, ...rest }] = lines;
  assert.equal(message, 'Error: gone\n    at a\n    at b');
  assert.deepEqual([level, trace_id, span_id], ['error', TRACE.traceId, TRACE.spanId]);
  assert.equal(timestamp, '2026-01-02T03:04:05.006Z');
  assert.equal(rest['service.name'], 'todo');
});

test('a line of JSON keeps its fields, and gets the trace where it has none', () => {
  const [pino, winston, other] = written(
    [
      '{"level":50,"time":1767323045000,"msg":"no","user":"u1"}',
      '{"level":"WARN","timestamp":"2026-01-02T03:04:05.001Z","message":"slow"}',
      `{"level":"info","message":"of another","trace_id":"${'1'.repeat(32)}","span_id":"${'2'.repeat(16)}"}`,
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    [pino.level, pino.message, pino.user, pino.trace_id, pino.timestamp],
    ['error', 'no', 'u1', TRACE.traceId, '2026-01-02T03:04:05.000Z'],
  );
  assert.deepEqual(
    [winston.level, winston.timestamp, winston.span_id],
    ['warn', '2026-01-02T03:04:05.001Z', TRACE.spanId],
  );
  assert.deepEqual([other.trace_id, other.span_id], ['1'.repeat(32), '2'.repeat(16)]);
});

test('text and JSON that come together are told apart, in their order', () => {
  const lines = written('before\n{"message":"json"}\nafter\n{no json}\n');
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['before', 'json', 'after\n{no json}'],
  );
});

test('secrets are left out, what is too long is cut, and nothing is no line', () => {
  const [text] = written('url https://a.example/?token=abcdef0123456789\n');
  assert.doesNotMatch(text.message, /abcdef0123456789/);
  const [json] = written('{"message":"in","password":"hunter2"}\n');
  assert.doesNotMatch(JSON.stringify(json), /hunter2/);
  const [long] = written(`${'x'.repeat(100_000)}\n`);
  assert.ok(long.message.length < 20_000);
  assert.deepEqual(written('\n  \n'), []);
  assert.equal(written('outside\n', { trace: undefined })[0].trace_id, undefined);
});
