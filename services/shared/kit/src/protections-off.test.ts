import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Config } from './config.ts';
import { ProtectionsOff } from './protections-off.ts';

const read = (text?: string) => ProtectionsOff.read(new Config({ PROTECTIONS_OFF: text }));
const policy = { timeoutMs: 100, retry: { attempts: 2 } };

test('nothing is taken away unless somebody says so', () => {
  assert.deepEqual(read().apply('provider', policy), policy);
  assert.deepEqual(read('users.breaker').apply('provider', policy), policy);
});

test('each policy of a dependency is taken away by its name', () => {
  const off = read('provider.breaker,provider.budget,provider.bulkhead');
  assert.deepEqual(off.apply('provider', policy), {
    timeoutMs: 100,
    retry: { attempts: 2, budget: false },
    breaker: false,
    bulkhead: false,
  });
  assert.deepEqual(off.apply('provider', { retry: false }).retry, false);
});

test('fallbacks and the degraded mode are asked for', () => {
  const off = read('users.fallback,gateway.mode');
  assert.equal(off.has('users', 'fallback'), true);
  assert.equal(off.has('gateway', 'mode'), true);
  assert.equal(off.has('gateway', 'fallback'), false);
});

test('a word that takes nothing away is an error, not a silence', () => {
  assert.throws(() => read('provider.braker'), /PROTECTIONS_OFF=provider.braker is no name with/);
});
