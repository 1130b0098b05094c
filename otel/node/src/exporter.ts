/**
 * How spans leave the process: OTLP over HTTP, with every word of the collector's response told.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { TelemetrySettingsError } from '@breakwater/telemetry/core';
import { diag } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ExporterSettings } from './settings.ts';
import { type EncodedSpan, encodeRequest, encodeSpan } from './span-encoder.ts';

/** What became of a batch. */
export type SendOutcome =
  /** The collector has it, but for `rejected` spans that it will never take (partial success). */
  | { readonly kind: 'accepted'; readonly rejected: number }
  /** It will never be taken: sending it again is forbidden. */
  | { readonly kind: 'refused' }
  /**
   * It may be taken later, after `afterMs` milliseconds where the collector asked for that.
   * `reached` is false while nobody listens, which is no fault of the batch.
   */
  | { readonly kind: 'retry'; readonly reached: boolean; readonly afterMs?: number | undefined };

/** Where batches of spans go. */
export interface SpanSender<Prepared = unknown> {
  /**
   * What is kept of a span that has ended, until it is sent.
   *
   * @throws when it cannot be serialised
   */
  prepare(span: ReadableSpan): Prepared;
  /** Rejects when the batch cannot be serialised. */
  send(spans: readonly Prepared[]): Promise<SendOutcome>;
  close(): void;
}

/** A span in the form of the protocol: as bytes, or whole where the protocol is JSON. */
export type PreparedSpan = EncodedSpan | ReadableSpan;

/** "All other 4xx or 5xx response status codes MUST NOT be retried" (OTLP 1.9, "Failures"). */
const RETRYABLE = new Set([429, 502, 503, 504]);
/** Longest response that is read, in bytes: a collector answers a few hundred. */
const MAX_RESPONSE_BYTES = 64 * 1024;
const PROTOCOLS = {
  'http/protobuf': {
    type: 'application/x-protobuf',
    prepare: encodeSpan,
    serialize: (spans: readonly PreparedSpan[]) => encodeRequest(spans as EncodedSpan[]),
    read: ProtobufTraceSerializer,
  },
  'http/json': {
    type: 'application/json',
    prepare: (span: ReadableSpan) => span,
    serialize: (spans: readonly PreparedSpan[]) => {
      const bytes = JsonTraceSerializer.serializeRequest([...(spans as ReadableSpan[])]);
      if (!bytes) throw new TypeError('the spans cannot be serialised');
      return [bytes];
    },
    read: JsonTraceSerializer,
  },
} as const;

const compress = promisify(gzip);

/**
 * Stands where the SDK's OTLP exporter would: that one gives up after five
 * tries or its timeout, and then says neither that the batch may be sent again nor when, hides how
 * many spans a partial success left out, and bounds the silence of a response but not its length
 * in time. Here one call is one request, bounded as a whole by `timeoutMs`.
 */
export class OtlpExporter implements SpanSender<PreparedSpan> {
  readonly #settings: ExporterSettings;
  readonly #agent: HttpAgent;
  readonly #headers: Readonly<Record<string, string>>;

  /** @throws {TelemetrySettingsError} when a certificate cannot be read. */
  constructor(settings: ExporterSettings) {
    const { url, tls, headers, protocol, compression } = settings;
    this.#settings = settings;
    this.#agent =
      url.protocol === 'https:'
        ? new HttpsAgent({ keepAlive: true, ...readFiles(tls) })
        : new HttpAgent({ keepAlive: true });
    this.#headers = {
      ...headers,
      'content-type': PROTOCOLS[protocol].type,
      ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    };
  }

  prepare(span: ReadableSpan): PreparedSpan {
    return PROTOCOLS[this.#settings.protocol].prepare(span);
  }

  async send(spans: readonly PreparedSpan[]): Promise<SendOutcome> {
    for (const { resource } of spans) {
      if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.();
    }
    const pieces = PROTOCOLS[this.#settings.protocol].serialize(spans);
    const { compression } = this.#settings;
    return this.#post(compression === 'gzip' ? [await compress(Buffer.concat(pieces))] : pieces);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(body: readonly Uint8Array[]): Promise<SendOutcome> {
    const { url, timeoutMs } = this.#settings;
    return new Promise((resolve) => {
      let reached = false;
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
        method: 'POST',
        agent: this.#agent,
        headers: { ...this.#headers, 'content-length': lengthOf(body) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      request.once('socket', (socket) => {
        reached = !socket.connecting;
        if (reached) return;
        socket.once('connect', () => {
          reached = true;
        });
      });
      let responded = false;
      request.on('error', ({ message }) => {
        diag.debug(`OTLP: ${message}`);
        if (!responded) resolve({ kind: 'retry', reached });
      });
      request.once('response', (response) => {
        responded = true;
        void readBody(response).then((text) => resolve(this.#outcome(response, text)));
      });
      request.cork();
      for (const piece of body) request.write(piece);
      request.end();
      request.uncork();
    });
  }

  #outcome({ statusCode = 0, headers }: IncomingMessage, body: Buffer): SendOutcome {
    if (statusCode >= 200 && statusCode < 300) {
      return { kind: 'accepted', rejected: this.#rejectedSpans(body) };
    }
    if (RETRYABLE.has(statusCode)) {
      return { kind: 'retry', reached: true, afterMs: retryAfterMs(headers['retry-after']) };
    }
    diag.warn(`OTLP: a batch was refused with ${statusCode}: ${body.toString().slice(0, 500)}`);
    return { kind: 'refused' };
  }

  #rejectedSpans(body: Buffer): number {
    try {
      const { read } = PROTOCOLS[this.#settings.protocol];
      const { partialSuccess } = read.deserializeResponse(body);
      const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
      if (rejected > 0)
        diag.warn(`OTLP: ${rejected} spans rejected: ${partialSuccess?.errorMessage}`);
      return rejected > 0 ? rejected : 0;
    } catch {
      return 0;
    }
  }
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((length, { byteLength }) => length + byteLength, 0);
}

/** What came of the body: the status counts also where the rest of it does not come. */
async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_RESPONSE_BYTES) break;
    }
  } catch {
    // Broken off, or too slow.
  }
  return Buffer.concat(chunks);
}

/** Seconds or a date (RFC 9110, section 10.2.3), in milliseconds; undefined for anything else. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const ms = /[a-z]/i.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function readFiles(tls: ExporterSettings['tls']): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(tls).map(([use, { name, path }]) => {
      try {
        return [use, readFileSync(path)];
      } catch {
        throw new TelemetrySettingsError([`${name}=${path} cannot be read`]);
      }
    }),
  );
}
