import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineRing } from './line-ring.ts';
import { OtlpBodyError } from './otlp-body.ts';

const NOW = 1_767_323_045_000;
const RANGE = { fromMs: 0, toMs: 2 * NOW };
const traceIdOf = (i: number) => (i + 1).toString(16).padStart(32, '0');

function records(...logRecords: object[]) {
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
}

test('the oldest lines go, and readers are told', async () => {
  const ring = new LineRing({ maxLineBytes: 4_096, now: () => NOW });
  for (let i = 0; i < 40; i++) {
    ring.add(records({ traceId: traceIdOf(i), body: { stringValue: `line ${i}` } }));
  }
  const { found, incomplete } = await ring.within(RANGE);
  assert.equal(found.at(-1)?.message, 'line 39');
  assert.ok(found.length > 3 && found.length < 20, `${found.length} lines are kept`);
  assert.match(incomplete ?? '', /have gone/);
  assert.deepEqual((await ring.ofTrace(traceIdOf(0), RANGE)).found, []);
  const [bound] = ring.bounds();
  assert.ok(bound && bound.used <= bound.limit);
  assert.equal(bound.dropped, 40 - found.length);
});

test('levels, times, ids and bodies of any kind are read', async () => {
  const ring = new LineRing({ now: () => NOW });
  const refused = ring.add(
    records(
      {
        severityNumber: 13,
        body: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } },
      },
      { severityText: 'Fatal', observedTimeUnixNano: `${NOW + 5}000000`, traceId: '0'.repeat(32) },
      { eventName: 'started', severityNumber: 99 },
    ),
  );
  assert.equal(refused, 0);
  const { found } = await ring.within(RANGE);
  assert.deepEqual(
    found.map(({ level, message, timeMs, traceId }) => [level, message, timeMs - NOW, traceId]),
    [
      ['warn', '{"a":1}', 0, undefined],
      ['info', 'started', 0, undefined],
      ['fatal', '', 5, undefined],
    ],
  );
});

test('what is no export of logs is refused whole', () => {
  const ring = new LineRing();
  const broken = records({ body: { stringValue: 'fine' } }, { attributes: 'none' });
  assert.throws(() => ring.add(broken as never), OtlpBodyError);
  assert.equal(ring.bounds()[0]?.used, 0);
});
