import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isNextMajor, isVersionAfter, releasedVersions } from './places.ts';

test('releases come in the order of their versions, unfinished ones not at all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'releases-'));
  for (const name of ['1.10.0', '1.9.1', '2.0.0', '1.9.0', '.2.1.0', 'notes']) {
    mkdirSync(join(folder, name));
  }
  assert.deepEqual(releasedVersions(folder), ['1.9.0', '1.9.1', '1.10.0', '2.0.0']);
  rmSync(folder, { recursive: true });
  assert.deepEqual(releasedVersions(folder), []);
});

test('a release comes after the last, and a major one may break it', () => {
  assert.ok(isVersionAfter('1.0.0', undefined));
  assert.ok(isVersionAfter('1.10.0', '1.9.0'));
  for (const version of ['1.9.0', '1.8.9', '2', 'v2.0.0', '']) {
    assert.equal(isVersionAfter(version, '1.9.0'), false, version);
  }
  assert.ok(isNextMajor('2.0.0', '1.9.0'));
  assert.equal(isNextMajor('1.10.0', '1.9.0'), false);
});
