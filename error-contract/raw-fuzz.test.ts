import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type FuzzTarget, fuzz } from './raw-fuzz/run.ts';
import { startTarget } from './raw-fuzz/target.ts';

/** `FUZZ_SEED` repeats a run; each finding names its own. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const CONNECTIONS = Number(process.env.FUZZ_CONNECTIONS ?? 500);

let target: FuzzTarget & { stop(): Promise<void> };
before(async () => {
  target = await startTarget();
});
after(() => target.stop());

test(`whatever bytes come in: a response, a line, a count, no bug, no leak; seed ${SEED}`, async () => {
  const options = { seeds: [SEED], connections: CONNECTIONS };
  const { findings, responses } = await fuzz(target, options);
  assert.deepEqual(findings, [], findings.slice(0, 10).join('\n'));
  assert.ok(responses > 1.5 * CONNECTIONS, `${responses} responses`);
});
