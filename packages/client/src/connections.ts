/**
 * Connections to one peer, kept open between requests.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http';
import { context } from '@opentelemetry/api';
import { type Dispatcher, Pool } from 'undici';
import { startRequestSpan } from './request-span.ts';

/** What is sent. */
export interface SentRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with its query; begins with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** What came back, read whole. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

/**
 * HTTP of undici without the web's streams and objects round it, which cost three times as much CPU
 * as the exchange itself. A request is bounded by its signal alone.
 */
export class Connections {
  readonly #origin: URL;
  readonly #prefix: string;
  readonly #pool: Pool;
  readonly #maxBodyBytes: number;

  /** @param maxBodyBytes largest response that is read, in bytes */
  constructor(baseUrl: string, maxBodyBytes: number) {
    this.#origin = new URL(baseUrl);
    this.#prefix = this.#origin.pathname.replace(/\/$/, '');
    this.#pool = new Pool(this.#origin.origin, { headersTimeout: 0, bodyTimeout: 0 });
    this.#maxBodyBytes = maxBodyBytes;
  }

  /**
   * Sends the request in a CLIENT span of its own and reads the response whole.
   *
   * @throws {RangeError} when the response is larger than allowed
   * @throws the reason of the signal, or the error of the connection
   */
  async exchange(request: SentRequest): Promise<ReceivedResponse> {
    const path = `${this.#prefix}${request.path}`;
    const { method, headers, body, signal } = request;
    const span = startRequestSpan({
      ...{ method, path, origin: this.#origin },
      userAgent: headers['user-agent'] ?? '',
    });
    const options: Dispatcher.DispatchOptions = {
      ...{ method, path, headers: { ...headers, ...span.headers } },
      ...(body === undefined ? {} : { body }),
    };
    try {
      const response = await context.with(span.context, () => this.#dispatch(options, signal));
      span.responded(response.status);
      return response;
    } catch (error) {
      span.failed(error, signal);
      throw error;
    }
  }

  #dispatch(options: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<ReceivedResponse> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let abort: ((reason: Error) => void) | undefined;
      const abandon = () => {
        abort?.(signal.reason);
        fail(signal.reason);
      };
      const fail = (error: unknown) => {
        signal.removeEventListener('abort', abandon);
        reject(error);
      };
      signal.addEventListener('abort', abandon, { once: true });

      const limit = this.#maxBodyBytes;
      const chunks: Buffer[] = [];
      let bytes = 0;
      let status = 0;
      let headers: IncomingHttpHeaders = {};
      this.#pool.dispatch(options, {
        onRequestStart(controller) {
          abort = (reason) => controller.abort(reason);
          if (signal.aborted) abort(signal.reason);
        },
        onResponseStart(_controller, statusCode, received) {
          status = statusCode;
          headers = received;
        },
        onResponseData(controller, chunk) {
          bytes += chunk.byteLength;
          if (bytes <= limit) chunks.push(chunk);
          else controller.abort(new RangeError(`the answer is larger than ${limit} bytes`));
        },
        onResponseEnd() {
          signal.removeEventListener('abort', abandon);
          resolve({ status, headers: fieldsOf(headers), text: textOf(chunks) });
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      });
    });
  }
}

function fieldsOf(headers: IncomingHttpHeaders): ReceivedResponse['headers'] {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : String(value);
    },
  };
}

function textOf([first, ...rest]: readonly Buffer[]): string {
  if (!first) return '';
  const text = (rest.length === 0 ? first : Buffer.concat([first, ...rest])).toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
