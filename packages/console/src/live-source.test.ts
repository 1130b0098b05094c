import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';

/** What the module of the pages tells. */
interface Told {
  readonly state?: string;
  readonly part?: { readonly value: string };
}
type Listener = (message: Told) => void;
interface Source {
  join(topic: string, listener: Listener): void;
  leave(listener: Listener): void;
}

/** The browser's EventSource, as far as it is used, and every one that was made. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static made: FakeEventSource[] = [];
  readonly url: string;
  readyState = 0;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.made.push(this);
  }

  static get open(): string[] {
    return FakeEventSource.made.filter(({ readyState }) => readyState < 2).map(({ url }) => url);
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  tell(topic: string, id: string, value: string): void {
    const data = JSON.stringify({ topic, kind: 'fragment', id, value });
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

async function liveSource(t: TestContext): Promise<Source> {
  FakeEventSource.made = [];
  Object.assign(globalThis, { EventSource: FakeEventSource });
  t.after(() => Reflect.deleteProperty(globalThis, 'EventSource'));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const url = new URL('../static/live-source.js', import.meta.url).href;
  const { LiveSource } = (await import(url)) as { LiveSource: new () => Source };
  return new LiveSource();
}

/** A page that keeps what it was told. */
function page() {
  const told: Told[] = [];
  return { told, listen: (message: Told) => void told.push(message) };
}

test('any number of pages has one stream, of the topics that are listened to', async (t) => {
  const source = await liveSource(t);
  const pages = Array.from({ length: 12 }, page);
  pages.forEach(({ listen }, i) => {
    source.join(['now', 'circuits', 'experiments/a'][i % 3] ?? '', listen);
  });
  assert.deepEqual(FakeEventSource.open, ['/live/circuits,experiments/a,now']);
  FakeEventSource.made.at(-1)?.tell('now', 'a', '1');
  assert.deepEqual(
    pages.map(({ told }) => told.length),
    [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0],
  );
  for (const { listen } of pages) source.leave(listen);
  assert.deepEqual(FakeEventSource.open, []);
});

test('a page that comes later has what the others have', async (t) => {
  const source = await liveSource(t);
  const [first, second] = [page(), page()];
  source.join('now', first.listen);
  const [stream] = FakeEventSource.made;
  stream?.dispatchEvent(new Event('open'));
  stream?.tell('now', 'a', 'old');
  stream?.tell('now', 'a', 'new');
  source.join('now', second.listen);
  assert.equal(FakeEventSource.made.length, 1, 'the stream was left as it is');
  assert.deepEqual(
    second.told.map(({ state, part }) => state ?? part?.value),
    ['live', 'new'],
  );
});

test('a refused stream is tried again, and said to be lost', async (t) => {
  const source = await liveSource(t);
  const { told, listen } = page();
  source.join('now', listen);
  const [refused] = FakeEventSource.made;
  refused?.close();
  refused?.dispatchEvent(new Event('error'));
  assert.deepEqual(told, [{ state: 'not connected' }]);
  t.mock.timers.tick(5_000);
  assert.equal(FakeEventSource.open.length, 1);
  FakeEventSource.made.at(-1)?.dispatchEvent(new Event('open'));
  assert.deepEqual(told.at(-1), { state: 'live' });
});

test('a stream that ends and is open again at once was not lost', async (t) => {
  const source = await liveSource(t);
  const { told, listen } = page();
  source.join('now', listen);
  const [stream] = FakeEventSource.made;
  stream?.dispatchEvent(new Event('open'));
  stream?.dispatchEvent(new Event('error'));
  t.mock.timers.tick(1_000);
  stream?.dispatchEvent(new Event('open'));
  t.mock.timers.tick(60_000);
  assert.deepEqual(told, [{ state: 'live' }]);
  stream?.dispatchEvent(new Event('error'));
  t.mock.timers.tick(3_000);
  assert.deepEqual(told.at(-1), { state: 'not connected' });
});
