import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listScripts, renderScripts } from './scripts.ts';

test('every script says which question it answers', () => {
  const scripts = listScripts(fileURLToPath(new URL('../../../k6/load', import.meta.url)));
  const names = scripts.map(({ name }) => name);
  assert.deepEqual(names, ['ramp', 'smoke', 'soak', 'spike', 'steady']);
  for (const { name, about } of scripts) {
    assert.match(about, /^[A-Z].*\?/, `${name} begins with a question`);
    assert.doesNotMatch(about, /\*|@/);
  }
  assert.match(renderScripts(scripts), /^ {2}steady {2}Does it hold/m);
});
