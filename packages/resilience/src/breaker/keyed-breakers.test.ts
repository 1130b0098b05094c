import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/index.ts';
import { Breaker } from './breaker.ts';
import { KeyedBreakers } from './keyed-breakers.ts';

function setUp(limit: number) {
  const clock = new VirtualClock();
  const made: string[] = [];
  const keyed = new KeyedBreakers(limit, (key) => {
    made.push(key);
    return new Breaker(key, {}, clock, () => {});
  });
  const isolate = (key: string) => keyed.get(key).isolate({ by: 'a', why: 'b', forMs: 1_000 });
  const names = () => [...keyed.values()].map(({ name }) => name);
  return { clock, made, keyed, isolate, names };
}

test('a key has one circuit for as long as it is remembered', () => {
  const { keyed, made } = setUp(2);
  assert.equal(keyed.get('a'), keyed.get('a'));
  assert.deepEqual(made, ['a']);
});

test('beyond the limit the circuit that was used longest ago is forgotten', () => {
  const { keyed, names } = setUp(2);
  keyed.get('a');
  keyed.get('b');
  keyed.get('a');
  keyed.get('c');
  assert.deepEqual(names(), ['a', 'c']);
});

test('a circuit that refuses calls is forgotten last: or the failure would start anew', () => {
  const { keyed, isolate, names } = setUp(2);
  isolate('a');
  keyed.get('b');
  keyed.get('c');
  assert.deepEqual(names(), ['a', 'c']);
  isolate('c');
  keyed.get('d');
  assert.deepEqual(names(), ['c', 'd'], 'where all refuse, the oldest goes');
});
