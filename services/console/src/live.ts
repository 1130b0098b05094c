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
  /** Viewers of equal keys share one reading. */
  readonly key: string;
  readonly everyMs: number;
  read(): Promise<Update>;
}

/** The answer for one viewer that has not got all it was sent yet. */
interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** What it has, by part; a slow viewer skips states and gets the newest one. */
  readonly seen: Map<string, string>;
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
const encoder = new TextEncoder();

/** Reads what is watched while somebody watches it, and sends the parts that differ. */
export class Live {
  readonly #channels = new Map<string, Channel>();
  #viewers = 0;
  #closed = false;

  /** Open streams. */
  get viewers(): number {
    return this.#viewers;
  }

  /**
   * The answer that streams the updates until its reader goes away.
   *
   * @throws {OverloadedError} when too many watch already
   */
  watch(watched: Watched): Response {
    if (this.#viewers >= MAX_VIEWERS || this.#closed) {
      throw new OverloadedError(`At most ${MAX_VIEWERS} pages are kept up to date at once.`);
    }
    let leave: () => void = () => undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        leave = this.#join(watched, controller);
      },
      cancel: () => leave(),
    });
    return new Response(stream, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    for (const { viewers, timer } of this.#channels.values()) {
      clearTimeout(timer);
      for (const { controller } of viewers) controller.close();
    }
    this.#channels.clear();
    this.#viewers = 0;
  }

  #join(watched: Watched, controller: Viewer['controller']): () => void {
    const channel = this.#channels.get(watched.key) ?? this.#open(watched);
    const viewer: Viewer = { controller, seen: new Map() };
    channel.viewers.add(viewer);
    this.#viewers++;
    // The head of the answer goes out with its first bytes.
    controller.enqueue(encoder.encode('retry: 1000\n\n'));
    send(viewer, channel.parts);
    const heartbeat = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': still here\n\n'));
    }, HEARTBEAT_MS).unref();
    return () => {
      clearInterval(heartbeat);
      if (!channel.viewers.delete(viewer)) return;
      this.#viewers--;
      if (channel.viewers.size > 0) return;
      clearTimeout(channel.timer);
      this.#channels.delete(watched.key);
    };
  }

  #open(watched: Watched): Channel {
    const channel: Channel = { watched, viewers: new Set(), timer: undefined, parts: new Map() };
    this.#channels.set(watched.key, channel);
    void this.#read(channel);
    return channel;
  }

  async #read(channel: Channel): Promise<void> {
    const { watched, viewers } = channel;
    // A reading that fails leaves the page as it is; the next one may work.
    const update = await watched.read().catch(() => undefined);
    if (this.#channels.get(watched.key) !== channel) return;
    if (update) channel.parts = partsOf(update);
    for (const viewer of viewers) send(viewer, channel.parts);
    channel.timer = setTimeout(() => void this.#read(channel), watched.everyMs).unref();
  }
}

function partsOf({ fragments, charts = {} }: Update): Map<string, string> {
  const part = (kind: string) => (entry: [string, unknown]) =>
    [`${kind} ${entry[0]}`, JSON.stringify({ kind, id: entry[0], value: entry[1] })] as const;
  return new Map([
    ...Object.entries(fragments).map(part('fragment')),
    ...Object.entries(charts).map(part('chart')),
  ]);
}

/** Nothing is queued for a reader that has not taken the last one: memory stays bounded. */
function send({ controller, seen }: Viewer, parts: ReadonlyMap<string, string>): void {
  for (const [key, json] of parts) {
    if (seen.get(key) === json) continue;
    if ((controller.desiredSize ?? 0) <= -16) return;
    seen.set(key, json);
    controller.enqueue(encoder.encode(`data: ${json}\n\n`));
  }
}
