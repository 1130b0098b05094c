import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartSlots } from './start-slots.ts';

test('so many have a slot at once, the others get theirs in the order they asked', async () => {
  const slots = new StartSlots(2);
  const order: string[] = [];
  const take = async (name: string) => {
    const giveBack = await slots.take();
    order.push(name);
    return giveBack;
  };
  const [first] = await Promise.all([take('a'), take('b')]);
  const third = take('c');
  const fourth = take('d');
  await Promise.resolve();
  assert.deepEqual(order, ['a', 'b']);
  first?.();
  const giveBackThird = await third;
  assert.deepEqual(order, ['a', 'b', 'c']);
  first?.();
  await Promise.resolve();
  assert.deepEqual(order, ['a', 'b', 'c'], 'a slot is given back once');
  giveBackThird();
  await fourth;
  assert.deepEqual(order, ['a', 'b', 'c', 'd']);
});
