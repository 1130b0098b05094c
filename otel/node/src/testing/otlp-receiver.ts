/**
 * An OTLP/HTTP receiver for tests: what the collector is to a service.
 *
 * @module
 */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Fields, messages, number, readMessage, text } from './protobuf.ts';

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** A receiver that listens. */
export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Everything accepted so far. */
  readonly spans: readonly ReceivedSpan[];
  /** The status answered from now on; anything but 200 takes nothing. */
  status: number;
  /**
   * The first span for which `test` is true, as soon as it has come.
   *
   * @throws when it has not come within 10 seconds; the message lists the spans that have.
   */
  waitFor(test: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
  /** Resolves with the next request that is not taken. */
  waitForRefusal(): Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const KINDS = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;

/** Starts a receiver on a free port of 127.0.0.1. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const accepted = receiver.status === 200;
    if (accepted) spans.push(...readSpans(body));
    arrivals.emit(accepted ? 'spans' : 'refusal');
    response.writeHead(receiver.status, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    status: 200,
    async waitFor(test) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      for (;;) {
        const found = spans.find(test);
        if (found) return found;
        await once(arrivals, 'spans', { signal }).catch(() => {
          const seen = spans.map(({ kind, name }) => `${kind} ${name}`).join(', ');
          throw new Error(`the span has not come; these have: ${seen || 'none'}`);
        });
      }
    },
    async waitForRefusal() {
      await once(arrivals, 'refusal', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** The spans of an `ExportTraceServiceRequest` (opentelemetry-proto, trace/v1). */
function readSpans(body: Buffer): ReceivedSpan[] {
  return messages(readMessage(body), 1).flatMap((resourceSpans) => {
    const resource = attributes(messages(resourceSpans, 1)[0] ?? new Map(), 1);
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => ({
        traceId: text(span, 1, 'hex'),
        spanId: text(span, 2, 'hex'),
        parentSpanId: text(span, 4, 'hex'),
        name: text(span, 5),
        kind: KINDS[number(span, 6)] ?? 'INTERNAL',
        attributes: attributes(span, 9),
        links: messages(span, 13).map((link) => ({
          traceId: text(link, 1, 'hex'),
          spanId: text(link, 2, 'hex'),
        })),
        status: STATUSES[number(messages(span, 15)[0] ?? new Map(), 3)] ?? 'UNSET',
        resource,
      })),
    );
  });
}

function attributes(fields: Fields, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(fields, field).map((pair) => [
      text(pair, 1),
      anyValue(messages(pair, 2)[0] ?? new Map()),
    ]),
  );
}

function anyValue(value: Fields): unknown {
  if (value.has(1)) return text(value, 1);
  if (value.has(2)) return number(value, 2) === 1;
  if (value.has(3)) return Number(BigInt.asIntN(64, value.get(3)?.at(-1) as bigint));
  if (value.has(5)) return messages(messages(value, 5)[0] ?? new Map(), 1).map(anyValue);
  return undefined;
}
