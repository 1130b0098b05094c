import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StackFaultRequest } from './stack-fault.ts';
import { StackFaults } from './stack-faults.ts';

/** Faults that are only written down. */
function toyFaults() {
  const done: string[] = [];
  const undo = { fails: false };
  const faults = new StackFaults(async ({ kind, target }) => {
    done.push(`${kind} ${target}`);
    return {
      look: async () => ({ landed: true, proof: 'seen' }),
      undo: async () => {
        if (undo.fails) throw new Error('it does not come up');
        done.push(`undo ${target}`);
      },
    };
  });
  return { faults, done, undo };
}

const pause: StackFaultRequest = { kind: 'pause', target: 'orders', for_s: 10 };

test('a fault ends with its lease, and later when it is renewed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { faults, done } = toyFaults();
  const { id, expires_at } = await faults.add(pause);
  assert.equal(expires_at, new Date(10_000).toISOString());
  t.mock.timers.tick(9_000);
  assert.ok(await faults.renew(id, 10));
  t.mock.timers.tick(9_999);
  assert.equal((await faults.list()).length, 1);
  t.mock.timers.tick(1);
  await Promise.resolve();
  assert.deepEqual(done, ['pause orders', 'undo orders']);
  await new Promise(setImmediate);
  assert.deepEqual(await faults.list(), []);
  assert.equal(await faults.renew(id, 10), undefined);
});

test('what cannot be undone stays on the list and is tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { faults, done, undo } = toyFaults();
  const { id } = await faults.add(pause);
  undo.fails = true;
  await assert.rejects(faults.remove(id), /does not come up/);
  assert.equal((await faults.list()).length, 1);
  undo.fails = false;
  t.mock.timers.tick(2_000);
  await new Promise(setImmediate);
  assert.deepEqual(done, ['pause orders', 'undo orders']);
  assert.deepEqual(await faults.list(), []);
});

test('one thing has one fault at a time, and a wrong request says what is wrong', async () => {
  const { faults } = toyFaults();
  const { id } = await faults.add(pause);
  await assert.rejects(faults.add({ ...pause, kind: 'kill' }), /orders has a fault already/);
  await assert.rejects(faults.add({ ...pause, kind: 'melt' as 'kill' }), /"kind" is one of pause/);
  await assert.rejects(faults.add({ ...pause, for_s: 0 }), /"for_s"/);
  await assert.rejects(faults.add({ kind: 'latency', target: 'a', for_s: 1 }), /"latency_ms"/);
  assert.equal(await faults.remove(id), true);
  assert.equal(await faults.remove(id), false);
});
