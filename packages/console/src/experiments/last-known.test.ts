import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastKnown } from './last-known.ts';

/** A value whose learning a test ends when it likes, on a clock that it moves. */
function slow() {
  const world = { now: 0, asked: 0, end: Promise.withResolvers<number>() };
  const known = new LastKnown(
    100,
    () => {
      world.asked++;
      world.end = Promise.withResolvers();
      return world.end.promise;
    },
    () => world.now,
  );
  const learn = async (value: number) => {
    world.end.resolve(value);
    await known.refresh();
  };
  return { world, known, learn };
}

test('who looks gets the last value at once, and it is learnt anew when it is old', async () => {
  const { world, known, learn } = slow();
  assert.equal(known.look(), undefined);
  known.look();
  assert.equal(world.asked, 1, 'one learning at a time');
  await learn(7);
  world.now = 100;
  assert.equal(known.look(), 7);
  assert.equal(world.asked, 1);
  world.now = 101;
  assert.equal(known.look(), 7);
  assert.equal(world.asked, 2);
});

test('what was being learnt when it changed counts as old', async () => {
  const { world, known, learn } = slow();
  known.look();
  world.now = 1;
  known.expire();
  await learn(7);
  assert.equal(known.look(), 7);
  assert.equal(world.asked, 2);
});

test('a failure is told, and leaves the value', async () => {
  const { world, known, learn } = slow();
  known.look();
  await learn(7);
  known.expire();
  world.now = 1;
  known.look();
  world.end.reject(new Error('no such command'));
  await assert.rejects(known.refresh());
  assert.equal(known.problem, 'no such command');
  assert.equal(known.look(), 7);
});
