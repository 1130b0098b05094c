import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { identify } from '../process-identity.ts';
import { UndoJournal } from './undo-journal.ts';

test('what is about to be injected is on disk, and found by the next run', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'undo-journal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state', 'undo.json');
  const journal = new UndoJournal(path);
  assert.equal(journal.leftBehind(), undefined);

  journal.note('run-1', 'provider', 'it hangs');
  journal.note('run-1', 'stack', 'users is stopped');
  assert.deepEqual(new UndoJournal(path).leftBehind(), {
    testId: 'run-1',
    faults: ['provider: it hangs', 'stack: users is stopped'],
  });

  // The parent of this process lives, and is somebody else's run.
  const record = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...record, runner: identify(process.ppid) }));
  assert.throws(() => journal.leftBehind(), /is running already: run-1/);

  journal.clear();
  assert.equal(journal.leftBehind(), undefined);
});
