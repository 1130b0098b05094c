import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@breakwater/resilience';
import { killUnderLoad } from '../../services/shared/kit/src/testing/kill-under-load.ts';

const KILLS = 1_000;
/** As many services at once. */
const SIDE_BY_SIDE = 2;

test(`no line of a response is lost in ${KILLS} kills under load`, async (t) => {
  const random = seededRandom(7);
  let answered = 0;
  for (let kills = 0; kills < KILLS; kills += SIDE_BY_SIDE) {
    const lives = Array.from({ length: SIDE_BY_SIDE }, () =>
      killUnderLoad(1 + Math.floor(random() * 2_000)),
    );
    for (const life of await Promise.all(lives)) {
      answered += life.answered;
      assert.deepEqual(life.missing, []);
    }
  }
  t.diagnostic(`${answered} responses`);
});
