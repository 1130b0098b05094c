import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtectionsOff } from './protections-off.ts';

const policy = { timeoutMs: 100, retry: { attempts: 2 } };

test('nothing is taken away unless somebody says so', () => {
  assert.deepEqual(new ProtectionsOff('').apply('provider', policy), policy);
  assert.deepEqual(new ProtectionsOff('users.breaker').apply('provider', policy), policy);
});

test('each policy of a dependency is taken away by its name', () => {
  const off = new ProtectionsOff('provider.breaker,provider.budget,provider.bulkhead');
  assert.deepEqual(off.apply('provider', policy), {
    timeoutMs: 100,
    retry: { attempts: 2, budget: false },
    breaker: false,
    bulkhead: false,
  });
  assert.deepEqual(off.apply('provider', { retry: false }).retry, false);
});

test('fallbacks and the degraded mode are asked for', () => {
  const off = new ProtectionsOff('users.fallback,gateway.mode');
  assert.equal(off.has('users', 'fallback'), true);
  assert.equal(off.has('gateway', 'mode'), true);
  assert.equal(off.has('gateway', 'fallback'), false);
});

test('a word that takes nothing away is an error, not a silence', () => {
  assert.throws(() => new ProtectionsOff('provider.braker'), /"provider.braker" is no name with/);
});
