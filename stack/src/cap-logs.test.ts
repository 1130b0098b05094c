import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { capLogs } from './cap-logs.ts';

test('a log over its size is kept once and goes on empty, for the same writer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cap-logs-'));
  const log = join(folder, 'a.log');
  const writer = openSync(log, 'a');
  writeSync(writer, 'one\n');
  capLogs([log, join(folder, 'none.log')], 4);
  assert.equal(await readFile(log, 'utf8'), 'one\n');

  writeSync(writer, 'two\n');
  capLogs([log], 4);
  writeSync(writer, 'three\n');
  assert.equal(await readFile(`${log}.1`, 'utf8'), 'one\ntwo\n');
  assert.equal(await readFile(log, 'utf8'), 'three\n');
  closeSync(writer);
  await rm(folder, { recursive: true });
});
