import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles, JSON_FOLDER } from './generated.ts';

test('dashboards/json is what the TypeScript says', () => {
  const files = generatedFiles();
  assert.deepEqual(
    readdirSync(JSON_FOLDER).sort(),
    [...files.keys()].sort(),
    'run npm run dashboards:build',
  );
  for (const [name, text] of files) {
    assert.ok(
      readFileSync(join(JSON_FOLDER, name), 'utf8') === text,
      `${name} has drifted: run npm run dashboards:build`,
    );
  }
});
