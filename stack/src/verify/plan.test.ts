import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from './kinds.ts';
import { makePlan } from './plan.ts';

test('every kind gets a request, however few there are', () => {
  const { mixed, rejected } = makePlan(1);
  assert.deepEqual(new Set(mixed), new Set(KINDS));
  assert.equal(rejected, 1);
});

for (const requests of [200, 1000]) {
  test(`${requests} requests are that many, and at least 40 % of them fail`, () => {
    const { mixed, rejected } = makePlan(requests);
    assert.equal(mixed.length + rejected, requests);
    const failing = mixed.filter(({ status }) => status >= 400).length + rejected;
    assert.ok(failing >= 0.4 * requests);
  });
}

test('of any ten charges in a row, no more than half are failing attempts', () => {
  for (const requests of [20, 40, 200, 1000]) {
    const charges = makePlan(requests).mixed.flatMap(({ fault, body, status }) => {
      if (fault) return fault.kind === 'latency' ? [] : ['failed', 'failed'];
      return body && status === 201 ? ['charged'] : [];
    });
    for (let i = 0; i + 10 <= charges.length; i++) {
      const failed = charges.slice(i, i + 10).filter((charge) => charge === 'failed').length;
      assert.ok(failed <= 5, `${failed} of ten, at ${i} of ${charges.length}, for ${requests}`);
    }
  }
});
