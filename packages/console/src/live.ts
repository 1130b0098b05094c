/**
 * Keeps open pages up to date by server-sent events.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';

/** What of a page changes: parts by the id of their element, as HTML, and charts as data. */
export interface Update {
  readonly fragments: Readonly<Record<string, string>>;
  readonly charts?: Readonly<Record<string, unknown>>;
}

/** Something that can be watched. */
export interface Watched {
  /** Names it to the page; viewers of equal topics share one reading. */
  readonly topic: string;
  readonly everyMs: number;
  read(): Promise<Update>;
}

/** One stream that is read, which may be of several topics. */
interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** What it has, by part; a slow viewer skips states and gets the newest one. */
  readonly seen: Map<string, string>;
  readonly heartbeat: NodeJS.Timeout;
  readonly end: NodeJS.Timeout;
}

/** One thing that is watched, and by whom. */
interface Channel {
  readonly watched: Watched;
  readonly viewers: Set<Viewer>;
  timer: NodeJS.Timeout | undefined;
  parts: ReadonlyMap<string, string>;
}

const MAX_VIEWERS = 100;
/** A page without news hears this often that it is still connected, in milliseconds. */
const HEARTBEAT_MS = 10_000;
/**
 * A stream ends after this, in milliseconds, and a browser opens it again: the network says nothing
 * of a reader that vanished without closing (a lid that was shut, a cable that was pulled), and the
 * kernel takes heartbeats for it for a quarter of an hour.
 */
const LIFETIME_MS = 120_000;
/** Chunks that wait for one reader. */
const MAX_QUEUED = 16;
const encoder = new TextEncoder();

/** Reads what is watched while somebody watches it, and sends the parts that differ. */
export class Live {
  readonly #channels = new Map<string, Channel>();
  readonly #viewers = new Set<Viewer>();
  #closed = false;

  /** Streams that are read. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * The response that streams the updates until its reader goes away. It takes a place when it is
   * read first: one to HEAD, or to a client that has left, never is.
   *
   * @throws {OverloadedError} when too many watch already
   */
  watch(watched: readonly Watched[]): Response {
    if (this.#isFull) {
      throw new OverloadedError(`At most ${MAX_VIEWERS} pages are kept up to date at once.`);
    }
    let viewer: Viewer | undefined;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          viewer ??= this.#join(watched, controller);
        },
        cancel: () => viewer && this.#leave(viewer),
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    for (const viewer of [...this.#viewers]) this.#end(viewer);
  }

  get #isFull(): boolean {
    return this.#closed || this.#viewers.size >= MAX_VIEWERS;
  }

  /** @returns undefined, and ends the stream, when the last place was taken meanwhile */
  #join(watched: readonly Watched[], controller: Viewer['controller']): Viewer | undefined {
    if (this.#isFull) {
      controller.close();
      return undefined;
    }
    const viewer: Viewer = {
      controller,
      seen: new Map(),
      heartbeat: setInterval(() => {
        if (controller.desiredSize === 0) controller.enqueue(encoder.encode(': still here\n\n'));
      }, HEARTBEAT_MS).unref(),
      end: setTimeout(() => this.#end(viewer), LIFETIME_MS).unref(),
    };
    this.#viewers.add(viewer);
    // The head of the response goes out with its first bytes.
    controller.enqueue(encoder.encode('retry: 1000\n\n'));
    for (const each of watched) {
      const channel = this.#channels.get(each.topic) ?? this.#open(each);
      channel.viewers.add(viewer);
      send(viewer, channel.parts);
    }
    return viewer;
  }

  #end(viewer: Viewer): void {
    this.#leave(viewer);
    viewer.controller.close();
  }

  #leave(viewer: Viewer): void {
    clearInterval(viewer.heartbeat);
    clearTimeout(viewer.end);
    this.#viewers.delete(viewer);
    for (const { watched, viewers, timer } of this.#channels.values()) {
      if (!viewers.delete(viewer) || viewers.size > 0) continue;
      clearTimeout(timer);
      this.#channels.delete(watched.topic);
    }
  }

  #open(watched: Watched): Channel {
    const channel: Channel = { watched, viewers: new Set(), timer: undefined, parts: new Map() };
    this.#channels.set(watched.topic, channel);
    void this.#read(channel);
    return channel;
  }

  async #read(channel: Channel): Promise<void> {
    const { watched, viewers } = channel;
    // A reading that fails leaves the page as it is; the next one may work.
    const update = await watched.read().catch(() => undefined);
    if (this.#channels.get(watched.topic) !== channel) return;
    if (update) channel.parts = partsOf(watched.topic, update);
    for (const viewer of viewers) send(viewer, channel.parts);
    channel.timer = setTimeout(() => void this.#read(channel), watched.everyMs).unref();
  }
}

function partsOf(topic: string, { fragments, charts = {} }: Update): Map<string, string> {
  const part =
    (kind: string) =>
    ([id, value]: [string, unknown]) =>
      [`${topic} ${kind} ${id}`, JSON.stringify({ topic, kind, id, value })] as const;
  return new Map([
    ...Object.entries(fragments).map(part('fragment')),
    ...Object.entries(charts).map(part('chart')),
  ]);
}

/** Little is queued for a reader that has not taken the last ones: memory stays bounded. */
function send({ controller, seen }: Viewer, parts: ReadonlyMap<string, string>): void {
  for (const [key, json] of parts) {
    if (seen.get(key) === json) continue;
    if ((controller.desiredSize ?? 0) <= -MAX_QUEUED) return;
    seen.set(key, json);
    controller.enqueue(encoder.encode(`data: ${json}\n\n`));
  }
}
