import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../generated.ts';
import { sloRules, THRESHOLDS_FILE, thresholdsModule } from './objectives.ts';

const DRIFTED = 'has drifted from otel/slo: run npm run dashboards:build';

test('the thresholds of k6 are those of the objectives', () => {
  const written = readFileSync(join(ROOT, THRESHOLDS_FILE), 'utf8');
  assert.ok(written === thresholdsModule(), `${THRESHOLDS_FILE} ${DRIFTED}`);
});

test('the rules of the objectives are what Sloth makes of them', async (context) => {
  const rules = await sloRules();
  if ('reason' in rules) return context.skip(rules.reason);
  for (const [path, text] of rules) {
    assert.ok(readFileSync(join(ROOT, path), 'utf8') === text, `${path} ${DRIFTED}`);
  }
});
