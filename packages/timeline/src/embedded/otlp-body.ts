/**
 * Reads the body of an OTLP/HTTP request, however it was made, within bounds.
 *
 * @module
 */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { OtlpTraces } from '../otlp.ts';

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

/**
 * The traces in a body. No more than `maxBytes` is ever held, packed or unpacked: what comes after
 * is not read.
 *
 * @throws {OtlpBodyError} 413 too large; 415 no JSON, or packed otherwise than with gzip; 400
 *   malformed
 */
export async function readOtlpBody(
  body: OtlpBody,
  maxBytes: number = MAX_OTLP_BYTES,
): Promise<OtlpTraces> {
  const type = body.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new OtlpBodyError(415, 'OTLP is taken as application/json only: set http/json.');
  }
  const text = await readText(unpacked(body), maxBytes);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new OtlpBodyError(400, 'The body is no JSON.', cause);
  }
  if (!isTraces(parsed)) {
    throw new OtlpBodyError(400, 'The body is no ExportTraceServiceRequest.');
  }
  return parsed;
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

async function readText(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new OtlpBodyError(413, `The body is larger than ${maxBytes} bytes, unpacked.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

/** The outer shape only; a part that is wrong further in is refused where it is read. */
function isTraces(value: unknown): value is OtlpTraces {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { resourceSpans } = value as { resourceSpans?: unknown };
  return resourceSpans === undefined || Array.isArray(resourceSpans);
}
