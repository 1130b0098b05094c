/**
 * Requests with JSON in and out.
 *
 * @module
 */

/** Whatever answers requests: a Hono app, or a service somewhere. */
export type RequestTarget = string | { fetch(request: Request): Response | Promise<Response> };

/** What goes along with a request. */
export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request as a client that goes away does. */
  readonly signal?: AbortSignal;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; undefined where the answer has none. Tests look into it as they like. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts what it is.
  readonly body: any;
}

/** Sends one request; `path` begins with `/`. */
export type Requester = (method: string, path: string, options?: RequestOptions) => Promise<Answer>;

/** What an app in memory is asked for, as from this machine. */
const HOST = '127.0.0.1';

/**
 * @example
 * const request = requester(service.app);
 * const { status, body } = await request('POST', '/orders', { body: { item_id: 'item1' } });
 */
export function requester(target: RequestTarget): Requester {
  return async (method, path, { body, headers, signal } = {}) => {
    const inMemory = typeof target !== 'string';
    const base = inMemory ? `http://${HOST}` : target;
    const request = new Request(`${base}${path}`, {
      method,
      headers: {
        ...(inMemory ? { host: HOST } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const response = await (inMemory ? target.fetch(request) : fetch(request));
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
}
