import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { inDigits, limit, offset } from './values.ts';

const number = inDigits(z.int().min(-10).max(10).optional());

test('a number of a query is read from its digits, and nothing stays nothing', () => {
  for (const [text, value] of Object.entries({ 7: 7, '-7': -7, 0: 0 })) {
    assert.equal(number.parse(text), value);
  }
  assert.deepEqual([limit.parse(undefined), offset.parse(undefined)], [20, 0]);
});

/** What JavaScript takes for a number, and what is none at all. */
const ODD = [
  ...['', ' ', '\t1', '1 ', '+1', '01', '-0', '00', '1.0', '1.', '.5', '1e0', '1E0', '1e-0'],
  ...[
    '0x1',
    '0b1',
    '0o1',
    '1_0',
    '1n',
    '1,0',
    "1'",
    'NaN',
    'Infinity',
    '-Infinity',
    'null',
    'true',
  ],
  ...['١', '１', '²', '−1', '1\0', '9007199254740993', '9'.repeat(400), '[1]', 'one'],
];

for (const text of ODD) {
  test(`${JSON.stringify(text.slice(0, 20))} is no number`, () => {
    for (const schema of [number, limit, offset]) {
      assert.equal(schema.safeParse(text).success, false);
    }
  });
}

test('a number given twice is none', () => {
  assert.equal(limit.safeParse(['1', '2']).success, false);
  assert.equal(limit.safeParse(['1', '1']).success, false);
});
