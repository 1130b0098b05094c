import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live, type Update } from './live.ts';

/** Reads the messages of a stream, as an EventSource does. */
async function* messages(response: Response) {
  let text = '';
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) if (event.startsWith('data: ')) yield JSON.parse(event.slice(6));
  }
}

/** Something to watch whose readings a test gives out one by one. */
function script(updates: readonly Update[]) {
  let read = 0;
  const watched = {
    key: 'page',
    everyMs: 1,
    read: async () => updates[Math.min(read++, updates.length - 1)] as Update,
  };
  return { watched, readings: () => read };
}

test('parts that differ are sent, those that do not are not', async () => {
  const live = new Live();
  const { watched } = script([
    { fragments: { a: '1', b: '1' } },
    { fragments: { a: '1', b: '2' }, charts: { c: [1] } },
  ]);
  const stream = messages(live.watch(watched));
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await stream.next()).value);
  assert.deepEqual(seen, [
    { kind: 'fragment', id: 'a', value: '1' },
    { kind: 'fragment', id: 'b', value: '1' },
    { kind: 'fragment', id: 'b', value: '2' },
    { kind: 'chart', id: 'c', value: [1] },
  ]);
  live.close();
  assert.equal((await stream.next()).done, true, 'closing ends the stream');
});

test('a reading that fails leaves the page as it is', async () => {
  const live = new Live();
  let read = 0;
  const watched = {
    ...{ key: 'page', everyMs: 1 },
    read: async () => {
      read++;
      if (read === 1) throw new Error('down');
      return { fragments: { a: '1' } };
    },
  };
  const { value } = await messages(live.watch(watched)).next();
  assert.deepEqual(value, { kind: 'fragment', id: 'a', value: '1' });
  live.close();
});

test('viewers of one page share its readings, and nothing is read when the last has gone', async () => {
  const live = new Live();
  const { watched, readings } = script([{ fragments: { a: '1' } }]);
  const responses = Array.from({ length: 50 }, () => live.watch({ ...watched, everyMs: 60_000 }));
  const streams = responses.map(messages);
  for (const stream of streams) await stream.next();
  assert.equal(live.viewers, 50);
  for (const stream of streams) await stream.return();
  assert.equal(readings(), 1);
  assert.equal(live.viewers, 0, 'those who stop reading are gone');
});

test('a viewer that does not read costs a bounded amount, and gets the newest state', async () => {
  const live = new Live();
  let read = 0;
  const done = Promise.withResolvers<void>();
  const watched = {
    ...{ key: 'page', everyMs: 0 },
    read: async () => {
      read++;
      if (read === 300) done.resolve();
      return { fragments: { a: `${Math.min(read, 300)}` } };
    },
  };
  const response = live.watch(watched);
  await done.promise;
  let count = 0;
  for await (const { value } of messages(response)) {
    count++;
    if (value === '300') break;
  }
  assert.ok(count < 40, `${count} states were kept for it`);
  live.close();
});

test('there are not more viewers than there is room for', () => {
  const live = new Live();
  const watched = { key: 'page', everyMs: 60_000, read: async () => ({ fragments: {} }) };
  for (let i = 0; i < 100; i++) live.watch(watched);
  assert.throws(() => live.watch(watched), { code: 'OVERLOADED' });
  live.close();
});
