import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNamed, BREAKS, verify, verifyBroken } from './broken-pipelines.ts';
import { TestStack } from './test-stack.ts';

const REQUESTS = Number(process.env.VERIFY_REQUESTS ?? 300);

for (const sampling of ['all', 'tail']) {
  test(`every failure is joined with TRACE_SAMPLING=${sampling}`, async () => {
    const report = await verify(new TestStack({}, { TRACE_SAMPLING: sampling }), REQUESTS);
    assert.deepEqual(report.gaps, {});
    assert.deepEqual(report.danglingExemplars, []);
    assert.ok(report.exemplars > 0);
    assert.ok(report.failing >= 0.4 * REQUESTS);
    assert.deepEqual(
      report.kinds.filter(({ unexpected }) => Object.keys(unexpected).length > 0),
      [],
    );
    assert.equal(report.joinRate, 1);
    assert.ok(report.passed);
    assert.equal(report.code, 0);
  });
}

// Each by itself: npm run test:long.
const sampled = BREAKS.filter(({ env }) => env?.TRACE_SAMPLING === 'tail');
const others = BREAKS.filter((each) => !sampled.includes(each));

for (const breaks of [others, sampled]) {
  test(`verify names what is lost by ${breaks.map(({ name }) => name).join(', ')}`, async () => {
    assertNamed(breaks, await verifyBroken(breaks));
  });
}
