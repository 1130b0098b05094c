import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config } from './config.ts';
import { trust } from './service-config.ts';

test('a service is an edge unless it is told otherwise', () => {
  assert.equal(trust(new Config({})), 'edge');
  assert.equal(trust(new Config({ TRUST: 'internal' })), 'internal');
  assert.throws(() => trust(new Config({ TRUST: 'all' })), /TRUST=all is not edge or internal/);
});
