import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Join } from '@breakwater/console/experiments';
import { joinStatements } from './join.ts';

const whole: Join = {
  failing: 1_000,
  join_rate: 1,
  codes: [{ code: 'CIRCUIT_OPEN', responses: 1_000, log_lines: 1_000, counted: 1_000 }],
  gaps: {},
  unanswered: 0,
  dangling_exemplars: 0,
  settled_s: 3,
};
const held = (joined: Join, ...rest: [object?, number?]) =>
  joinStatements(joined, ...rest).map((statement) => statement.held);

test('a join is whole, or within what the experiment grants', () => {
  assert.deepEqual(held(whole), [true, true]);
  const torn = { ...whole, join_rate: 0.998 };
  assert.deepEqual(held(torn), [false, true]);
  assert.deepEqual(held(torn, { lost_traces: 2 }), [true, true]);
  assert.deepEqual(held(torn, { lost_traces: 1 }), [false, true]);
});

test('too few failures prove too little; less load makes fewer', () => {
  const few = { ...whole, failing: 600 };
  assert.deepEqual(held(few, { at_least: 1_000 }), [false, true]);
  assert.deepEqual(held(few, { at_least: 1_000 }, 0.5), [true, true]);
});

test('a code that counts differently anywhere does not agree', () => {
  for (const wrong of [{ log_lines: 999 }, { counted: 1_001 }, { responses: 0 }]) {
    const [code] = whole.codes;
    const joined = { ...whole, codes: [{ ...code, ...wrong } as Join['codes'][number]] };
    assert.deepEqual(held(joined), [true, false]);
  }
});
