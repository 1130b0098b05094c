import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killUnderLoad } from './testing/kill-under-load.ts';

// A thousand of them are in stack/e2e/killed.long.ts.
test('whoever has a response finds its line, though the service was killed', async () => {
  for (const responses of [1, 17, 180, 400, 1_000]) {
    const { answered, missing } = await killUnderLoad(responses);
    assert.ok(answered >= responses);
    assert.deepEqual(missing, []);
  }
});
