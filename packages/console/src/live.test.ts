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
    topic: 'page',
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
  const stream = messages(live.watch([watched]));
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await stream.next()).value);
  assert.deepEqual(seen, [
    { topic: 'page', kind: 'fragment', id: 'a', value: '1' },
    { topic: 'page', kind: 'fragment', id: 'b', value: '1' },
    { topic: 'page', kind: 'fragment', id: 'b', value: '2' },
    { topic: 'page', kind: 'chart', id: 'c', value: [1] },
  ]);
  live.close();
  assert.equal((await stream.next()).done, true, 'closing ends the stream');
});

test('a reading that fails leaves the page as it is', async () => {
  const live = new Live();
  let read = 0;
  const watched = {
    ...{ topic: 'page', everyMs: 1 },
    read: async () => {
      read++;
      if (read === 1) throw new Error('down');
      return { fragments: { a: '1' } };
    },
  };
  const { value } = await messages(live.watch([watched])).next();
  assert.deepEqual(value, { topic: 'page', kind: 'fragment', id: 'a', value: '1' });
  live.close();
});

test('viewers of one page share its readings, and nothing is read when the last has gone', async () => {
  const live = new Live();
  const { watched, readings } = script([{ fragments: { a: '1' } }]);
  const responses = Array.from({ length: 50 }, () => live.watch([{ ...watched, everyMs: 60_000 }]));
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
    ...{ topic: 'page', everyMs: 0 },
    read: async () => {
      read++;
      if (read === 300) done.resolve();
      return { fragments: { a: `${Math.min(read, 300)}` } };
    },
  };
  const stream = messages(live.watch([watched]));
  await stream.next();
  await done.promise;
  let count = 0;
  for await (const { value } of stream) {
    count++;
    if (value === '300') break;
  }
  assert.ok(count < 40, `${count} states were kept for it`);
  live.close();
});

const still = (topic = 'page') => ({
  topic,
  everyMs: 60_000,
  read: async () => ({ fragments: { a: topic } }),
});

test('one stream tells of several topics, and each is read while somebody watches it', async () => {
  const live = new Live();
  const both = messages(live.watch([still('one'), still('two')]));
  const seen = [(await both.next()).value, (await both.next()).value];
  assert.deepEqual(
    seen.map(({ topic, value }) => `${topic} ${value}`),
    ['one one', 'two two'],
  );
  const { watched, readings } = script([{ fragments: { a: '1' } }, { fragments: { a: '2' } }]);
  const other = messages(live.watch([{ ...watched, topic: 'two' }]));
  assert.equal((await other.next()).value.value, 'two', 'it shares the reading of the first');
  await both.return();
  assert.equal(live.viewers, 1);
  assert.equal(readings(), 0);
  await other.return();
});

/** A reader that has its place: it has read, and keeps what it read. */
async function reader(live: Live) {
  const stream = messages(live.watch([still()]));
  await stream.next();
  return stream;
}

test('there are not more viewers than there is room for', async () => {
  const live = new Live();
  const readers = await Promise.all(Array.from({ length: 100 }, () => reader(live)));
  assert.throws(() => live.watch([still()]), { code: 'OVERLOADED' });
  await readers[0]?.return();
  await reader(live);
  live.close();
});

test('a response that nobody reads takes no place', async () => {
  const live = new Live();
  const unread = Array.from({ length: 1_000 }, () => live.watch([still()]));
  assert.equal(live.viewers, 0);
  await unread[0]?.body?.cancel();
  const readers = await Promise.all(Array.from({ length: 100 }, () => reader(live)));
  // Those that come when the last place has been taken meanwhile are ended, to come again.
  assert.equal((await messages(unread[1] as Response).next()).done, true);
  assert.equal(live.viewers, readers.length);
  live.close();
});

test('a reader that vanished without a word keeps its place for two minutes', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const live = new Live();
  const vanished = await reader(live);
  t.mock.timers.tick(119_000);
  assert.equal(live.viewers, 1);
  t.mock.timers.tick(1_000);
  assert.equal(live.viewers, 0);
  assert.equal((await vanished.next()).done, true, 'one that is still there opens it again');
});

test('a stream without news says that it is there', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const live = new Live();
  const chunks = live.watch([still()]).body?.getReader();
  const read = async () => new TextDecoder().decode((await chunks?.read())?.value);
  assert.match(await read(), /^retry/);
  assert.match(await read(), /^data/);
  const next = read();
  t.mock.timers.tick(10_000);
  assert.equal(await next, ': still here\n\n');
  live.close();
});
