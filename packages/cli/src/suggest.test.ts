import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest } from './suggest.ts';

const NAMES = ['start', 'status', 'stop', 'up', 'k6', 'kill', 'explain'];

test('a slip of the finger finds its word, another word none', () => {
  for (const [word, meant] of [
    ['strat', 'start'],
    ['statsu', 'status'],
    ['explian', 'explain'],
    ['kil', 'kill'],
    ['Start', 'start'],
  ] as const) {
    assert.equal(suggest(word, NAMES), `; did you mean "${meant}"?`, word);
  }
  for (const word of ['deploy', 'x', 'go', '', 'k7']) assert.equal(suggest(word, NAMES), '', word);
});
