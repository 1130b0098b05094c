/**
 * A process that takes OTLP over HTTP as a collector would: it counts spans by the name that stands
 * before `/v1/traces`, and keeps those alone whose trace it was told to watch.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type SpanSummary, spansOf, summarizeSpan } from './otlp-spans.ts';

/** What to look out for from now on. */
export interface Watch {
  /** Trace ids, in hexadecimal digits. */
  readonly traceIds: readonly string[];
}

/** What has come so far. */
export interface Received {
  readonly spans: Readonly<Record<string, number>>;
  readonly watched: readonly SpanSummary[];
}

const spans: Record<string, number> = {};
const watched: SpanSummary[] = [];
let watch: ReadonlySet<string> = new Set();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [, name = '', , signal] = request.url?.split('/') ?? [];
    const body = Buffer.concat(chunks);
    const gzipped = request.headers['content-encoding'] === 'gzip';
    if (signal === 'traces') take(name, gzipped ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', (message: Partial<Watch>) => {
  if (message.traceIds) watch = new Set(message.traceIds);
  process.send?.({ spans, watched } satisfies Received);
});
process.on('disconnect', () => process.exit());

function take(name: string, body: Buffer): void {
  let count = 0;
  for (const span of spansOf(body)) {
    count++;
    if (watch.size === 0) continue;
    const summary = summarizeSpan(span);
    if (watch.has(summary.traceId)) watched.push(summary);
  }
  spans[name] = (spans[name] ?? 0) + count;
}
