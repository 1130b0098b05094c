import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findKnee, renderKnee } from './knee.ts';

function step(rate: number, p99Ms: number, requests = 20 * rate, right = 1, leftOut = 0) {
  const of = (metric: string) => `${metric}{scenario:rate_${rate}}`;
  return {
    [of('http_req_duration')]: { med: 1, 'p(99)': p99Ms },
    [of('http_reqs')]: { count: requests },
    [of('checks')]: { passes: 1, fails: 0, value: right },
    [of('dropped_iterations')]: { count: leftOut },
  };
}

const knee = (...steps: object[]) => findKnee({ metrics: Object.assign({}, ...steps) });

test('the knee is the last step before the first that does not hold', () => {
  const found = knee(step(100, 90), step(40, 20), step(80, 300), step(60, 30));
  assert.equal(found?.rate, 60);
  assert.equal(found.beyond, false);
  assert.deepEqual(
    found.steps.map(({ rate, held }) => [rate, held]),
    [
      [40, true],
      [60, true],
      [80, false],
      [100, true],
    ],
  );
});

test('a wrong answer and a request left out break a step, too', () => {
  assert.equal(knee(step(40, 20), step(60, 30, 1200, 0.999))?.rate, 40);
  assert.equal(knee(step(40, 20), step(60, 30, 1200, 1, 1))?.rate, 40);
});

test('steps that were not reached say nothing', () => {
  const found = knee(step(40, 20), step(60, 900), step(80, 0, 0));
  assert.equal(found?.steps.length, 2);
});

test('a ramp that all hold, one that none holds, and a script that is no ramp', () => {
  const beyond = knee(step(40, 20), step(60, 30));
  assert.equal(beyond?.rate, 60);
  assert.match(renderKnee(beyond), /beyond 60 requests a second; raise TO/);
  const none = knee(step(40, 2000));
  assert.equal(none?.rate, 0);
  assert.match(renderKnee(none), /lower FROM/);
  assert.equal(findKnee({ metrics: { http_reqs: { count: 3 } } }), undefined);
});
