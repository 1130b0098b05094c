import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFollower, readableLine } from './follow-log.ts';

test('only whole lines that came later are read, also after the file was cut', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'follow-log-'));
  const path = join(folder, 'a.log');
  await writeFile(path, 'before\n');
  const follower = new LogFollower(path);
  assert.deepEqual(follower.read(), []);
  await appendFile(path, 'one\ntw');
  assert.deepEqual(follower.read(), ['one']);
  await appendFile(path, 'o\n');
  assert.deepEqual(follower.read(), ['two']);
  await truncate(path);
  await appendFile(path, 'new\n');
  assert.deepEqual(follower.read(), ['new']);
  await rm(folder, { recursive: true });
});

test('a file that does not exist yet is followed from its first line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'follow-log-'));
  const path = join(folder, 'a.log');
  const follower = new LogFollower(path);
  assert.deepEqual(follower.read(), []);
  await writeFile(path, 'first\n');
  assert.deepEqual(follower.read(), ['first']);
  await rm(folder, { recursive: true });
});

test('a JSON line is shown by its time, level, message and what leads on', () => {
  const line = JSON.stringify({
    timestamp: '2026-11-20T10:11:12.345Z',
    level: 'error',
    message: 'no answer',
    error_code: 'TIMEOUT',
    trace_id: 'abc',
    other: 1,
  });
  assert.equal(readableLine(line), '10:11:12.345 error no answer error_code=TIMEOUT trace_id=abc');
  assert.equal(readableLine('plain {'), 'plain {');
  assert.equal(readableLine('{"broken'), '{"broken');
});
