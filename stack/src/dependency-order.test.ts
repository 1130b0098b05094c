import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependencyOrder } from './dependency-order.ts';

const entry = (name: string, ...needs: string[]) => ({
  name,
  dependsOn: Object.fromEntries(needs.map((need) => [need, 'ready'])),
});
const names = (list: { name: string }[]) => list.map(({ name }) => name);

test('everything stands behind what it needs, and otherwise stays in its order', () => {
  const list = [entry('web', 'api', 'cache'), entry('api', 'db'), entry('db'), entry('cache')];
  assert.deepEqual(names(dependencyOrder(list)), ['db', 'api', 'cache', 'web']);
});

test('what is not in the list is not waited for', () => {
  assert.deepEqual(names(dependencyOrder([entry('web', 'elsewhere')])), ['web']);
});

test('a circle is named', () => {
  const list = [entry('web', 'api'), entry('api', 'db'), entry('db', 'api')];
  assert.throws(() => dependencyOrder(list), /api -> db -> api/);
});
