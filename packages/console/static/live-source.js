/**
 * Updates for any number of pages over one stream of server-sent events.
 */

/** A stream that was refused is tried again after this, in milliseconds; a broken one by the browser. */
const AGAIN_MS = 5_000;
/** The server ends a stream now and then, and it is open again at once: no reason to say so. */
const LOST_MS = 3_000;
/** Topics that the server takes for one stream; the pages that were opened first stand still then. */
const MAX_TOPICS = 32;

/** One stream of the topics that somebody listens to; none while nobody does. */
export class LiveSource {
  /** Topics by listener. */
  #listeners = new Map();
  /** The newest message of each part, by topic: for a listener that comes later. */
  #parts = new Map();
  #topics = '';
  #source;
  #state;
  #timer;

  /** Tells `{ state }` of the connection, and each `{ part }` of the topic that changes. */
  join(topic, listener) {
    this.#listeners.set(listener, topic);
    if (this.#state) listener({ state: this.#state });
    for (const part of this.#parts.get(topic)?.values() ?? []) listener({ part });
    this.#open();
  }

  leave(listener) {
    if (this.#listeners.delete(listener)) this.#open();
  }

  /** The stream is opened anew when it is of other topics than are listened to. */
  #open() {
    const wanted = new Set(this.#listeners.values());
    for (const topic of this.#parts.keys()) if (!wanted.has(topic)) this.#parts.delete(topic);
    const topics = [...wanted].slice(-MAX_TOPICS).sort().join();
    if (topics === this.#topics) return;
    this.#topics = topics;
    this.#connect();
  }

  #connect() {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#topics) return;
    const source = new EventSource(`/live/${this.#topics}`);
    this.#source = source;
    source.addEventListener('open', () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#say('live');
    });
    source.addEventListener('error', () => this.#lost(source));
    source.addEventListener('message', ({ data }) => this.#take(JSON.parse(data)));
  }

  #lost(source) {
    const refused = source.readyState === EventSource.CLOSED;
    if (this.#timer && !refused) return;
    clearTimeout(this.#timer);
    if (refused) this.#say('not connected');
    this.#timer = refused
      ? setTimeout(() => this.#connect(), AGAIN_MS)
      : setTimeout(() => this.#say('not connected'), LOST_MS);
  }

  #take(part) {
    const { topic, kind, id } = part;
    const parts = this.#parts.get(topic) ?? new Map();
    this.#parts.set(topic, parts.set(`${kind} ${id}`, part));
    for (const [listener, of] of this.#listeners) if (of === topic) listener({ part });
  }

  #say(state) {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners.keys()) listener({ state });
  }
}

/**
 * Listens to a topic while the page is there, over the stream that all pages share. Where a browser
 * has no shared workers (Chrome on Android) a page has a stream of its own, while it is seen.
 */
export function follow(topic, listener) {
  if (typeof SharedWorker === 'undefined') return followAlone(topic, listener);
  const worker = new SharedWorker(document.body.dataset.worker, { type: 'module' });
  const { port } = worker;
  port.addEventListener('message', ({ data }) => listener(data));
  port.start();
  const listen = () => port.postMessage({ topic });
  worker.addEventListener('error', () => {
    port.close();
    followAlone(topic, listener);
  });
  addEventListener('pageshow', ({ persisted }) => persisted && listen());
  addEventListener('pagehide', () => port.postMessage({}));
  listen();
}

function followAlone(topic, listener) {
  const source = new LiveSource();
  const listen = () => {
    if (document.visibilityState === 'visible') source.join(topic, listener);
    else source.leave(listener);
  };
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => source.leave(listener));
  addEventListener('pageshow', listen);
  listen();
}
