import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '@breakwater/console/experiments';

/** Throws unless an experiment held in all it states, was undone, and left its evidence. */
export function assertPassed(journal: Journal, reports: string): void {
  const wrong = journal.statements.filter(({ held }) => !held);
  assert.deepEqual(wrong, [], `${journal.verdict}: ${journal.reason}`);
  assert.deepEqual([journal.verdict, journal.undo_verified], ['passed', true], journal.reason);
  assert.equal(journal.join?.join_rate, 1);
  assert.ok(journal.injections.every(({ landed }) => landed));
  const folder = join(reports, journal.testid);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'journal.json'), 'utf8')), journal);
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<svg/);
  const progress = readFileSync(join(folder, 'progress.ndjson'), 'utf8').trim().split('\n');
  const types = progress.map((line) => JSON.parse(line).type);
  assert.equal(types[0], 'started');
  assert.ok(types.includes('sample') && types.includes('verdict'));
}
