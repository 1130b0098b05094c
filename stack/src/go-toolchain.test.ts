import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMPONENTS } from './components.ts';
import { compareVersions, goVersionOf } from './go-toolchain.ts';

describe('compareVersions', () => {
  it('compares numbers, not letters', () => {
    assert.ok(compareVersions('1.9', '1.26.5') < 0);
    assert.ok(compareVersions('1.26.10', '1.26.9') > 0);
    assert.ok(compareVersions('2.0', '1.26.5') > 0);
  });

  it('takes a missing part for 0', () => {
    assert.equal(compareVersions('1.26', '1.26.0'), 0);
    assert.ok(compareVersions('1.26', '1.26.1') < 0);
  });
});

describe('goVersionOf', () => {
  it('reads the go line of every component', () => {
    for (const component of COMPONENTS) assert.match(goVersionOf(component), /^1\.2\d(\.\d+)?$/);
  });
});
