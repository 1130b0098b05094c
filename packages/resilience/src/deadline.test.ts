import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline, formatDeadline, MAX_DEADLINE_MS, parseDeadline } from './deadline.ts';
import { VirtualClock } from './testing/index.ts';

test('shrinks with time and never below 0', () => {
  const clock = new VirtualClock();
  const deadline = Deadline.after(100, clock);
  clock.jump(40);
  assert.deepEqual([deadline.remainingMs(), deadline.expired], [60, false]);
  clock.jump(3_600_000);
  assert.deepEqual([deadline.remainingMs(), deadline.expired], [0, true]);
});

test('the earliest of two; undefined stands for never', () => {
  const clock = new VirtualClock();
  const [soon, late] = [Deadline.after(1, clock), Deadline.after(2, clock)];
  assert.equal(Deadline.earliest(soon, late), soon);
  assert.equal(Deadline.earliest(late, soon), soon);
  assert.equal(Deadline.earliest(undefined, late), late);
  assert.equal(Deadline.earliest(soon, undefined), soon);
  assert.equal(Deadline.earliest(undefined, undefined), undefined);
});

test('travels as whole milliseconds, and each hop has less of it', () => {
  const clock = new VirtualClock();
  const gateway = Deadline.after(2_000.7, clock);
  assert.equal(formatDeadline(gateway), '2000');
  const orders = parseDeadline(formatDeadline(gateway), clock) as Deadline;
  clock.jump(300);
  const payments = parseDeadline(formatDeadline(orders), clock) as Deadline;
  assert.equal(payments.remainingMs(), 1_700);
  clock.jump(10_000);
  assert.equal(formatDeadline(payments), '1', '0 would be refused as over by a peer in a hurry');
});

test('a malformed header is as good as none', () => {
  const malformed = ['', ' ', 'abc', '-5', '1.5', '1e3', '+7', '0x10', '12345678901', '5 ms', '５'];
  for (const header of [null, undefined, ...malformed]) {
    assert.equal(parseDeadline(header), undefined, String(header));
  }
});

test('no header reaches further than the maximum', () => {
  const clock = new VirtualClock();
  assert.equal(parseDeadline('999999999', clock)?.remainingMs(), MAX_DEADLINE_MS);
  assert.equal(parseDeadline('0', clock)?.expired, true);
});
