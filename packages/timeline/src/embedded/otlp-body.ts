/**
 * Reads the body of an OTLP/HTTP request, however it was made, within bounds.
 *
 * @module
 */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { OtlpTraces } from '../otlp.ts';
import type { OtlpLogs } from '../otlp-logs.ts';
import { type OtlpMessage, readProtobuf } from './otlp-protobuf.ts';

/** Largest body, unpacked, in bytes. A full batch of 512 spans is below 1 MB. */
export const MAX_OTLP_BYTES = 8 * 1024 * 1024;

/** Why a body is refused. The HTTP status that says so is `status`. */
export class OtlpBodyError extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }

  override get name(): string {
    return 'OtlpBodyError';
  }
}

/** A body as it arrives. */
export interface OtlpBody {
  /** `content-type` of the request. */
  readonly contentType: string | undefined;
  /** `content-encoding` of the request. */
  readonly contentEncoding: string | undefined;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** What is sent, by the last part of its path. */
export interface OtlpSignals {
  readonly traces: OtlpTraces;
  readonly logs: OtlpLogs;
}

/** Media types of OTLP/HTTP. */
export const OTLP_TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

const SIGNALS: Readonly<
  Record<keyof OtlpSignals, { readonly message: OtlpMessage; readonly list: string }>
> = {
  traces: { message: 'ExportTraceServiceRequest', list: 'resourceSpans' },
  logs: { message: 'ExportLogsServiceRequest', list: 'resourceLogs' },
};

/** `application/json` of `Application/JSON; charset=utf-8`. */
export function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase();
}

/**
 * What is in a body, in JSON or protocol buffers. No more than `maxBytes` is ever held, packed or unpacked: what comes after
 * is not read.
 *
 * @throws {OtlpBodyError} 413 too large; 415 neither of the two, or packed otherwise than with
 *   gzip; 400 malformed
 */
export async function readOtlpBody<S extends keyof OtlpSignals>(
  signal: S,
  body: OtlpBody,
  maxBytes: number = MAX_OTLP_BYTES,
): Promise<OtlpSignals[S]> {
  const { message, list } = SIGNALS[signal];
  const type = mediaType(body.contentType);
  if (type !== OTLP_TYPES.json && type !== OTLP_TYPES.protobuf) {
    throw new OtlpBodyError(
      415,
      `OTLP is taken as ${OTLP_TYPES.protobuf} or ${OTLP_TYPES.json}: set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json.`,
    );
  }
  const bytes = await readBytes(unpacked(body), maxBytes);
  let parsed: unknown;
  try {
    parsed =
      type === OTLP_TYPES.json
        ? JSON.parse(bytes.toString('utf8'))
        : await readProtobuf(message, bytes);
  } catch (cause) {
    const expected = type === OTLP_TYPES.json ? 'JSON' : message;
    throw new OtlpBodyError(400, `The body is no ${expected}.`, cause);
  }
  if (!isExport(parsed, list)) throw new OtlpBodyError(400, `The body is no ${message}.`);
  return parsed as OtlpSignals[S];
}

function unpacked({ contentEncoding, stream }: OtlpBody): AsyncIterable<Uint8Array> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return stream;
  if (encoding !== 'gzip') {
    throw new OtlpBodyError(415, 'The body is packed otherwise than with gzip.');
  }
  return gunzip(stream);
}

async function* gunzip(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(stream);
  const gunzip = createGunzip();
  // Told to the reader as well, by the stream it reads.
  pipeline(source, gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new OtlpBodyError(400, 'The body is no gzip.', cause);
  } finally {
    // Also when the reader has had enough: what is unread stays packed.
    source.destroy();
    gunzip.destroy();
  }
}

async function readBytes(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new OtlpBodyError(413, `The body is larger than ${maxBytes} bytes, unpacked.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The outer shape only; a part that is wrong further in is refused where it is read. */
function isExport(value: unknown, list: string): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const exported = (value as Record<string, unknown>)[list];
  return exported === undefined || Array.isArray(exported);
}
