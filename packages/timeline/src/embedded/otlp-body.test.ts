import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MAX_OTLP_BYTES, OtlpBodyError, readOtlpBody } from './otlp-body.ts';

function body(bytes: Uint8Array, contentEncoding?: string, contentType = 'application/json') {
  async function* stream() {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  return { stream: stream(), contentEncoding, contentType };
}

const refusedWith = (status: number) => (error: unknown) =>
  error instanceof OtlpBodyError && error.status === status;

const json = Buffer.from('{"resourceSpans":[]}');

test('plain and packed bodies are read', async () => {
  assert.deepEqual(await readOtlpBody('traces', body(json)), { resourceSpans: [] });
  assert.deepEqual(await readOtlpBody('traces', body(gzipSync(json), 'gzip')), {
    resourceSpans: [],
  });
  const typed = body(json, 'identity', 'application/json; charset=utf-8');
  assert.deepEqual(await readOtlpBody('traces', typed), { resourceSpans: [] });
});

test('a body of 50 MB is refused after its first 8', async () => {
  let read = 0;
  async function* stream() {
    for (let i = 0; i < 50; i++) {
      read += 1024 * 1024;
      yield Buffer.alloc(1024 * 1024, 0x20);
    }
  }
  const large = { stream: stream(), contentEncoding: undefined, contentType: 'application/json' };
  await assert.rejects(readOtlpBody('traces', large), refusedWith(413));
  assert.ok(read <= MAX_OTLP_BYTES + 1024 * 1024, `${read} bytes were read`);
});

test('a gzip bomb of 256 MB is refused without being unpacked', async () => {
  const bomb = Buffer.concat(Array(16).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024))));
  const before = process.memoryUsage().rss;
  await assert.rejects(readOtlpBody('traces', body(bomb, 'gzip')), refusedWith(413));
  assert.ok(process.memoryUsage().rss - before < 150 * 1024 * 1024);
});

for (const [name, refused, status] of [
  ['no JSON', body(Buffer.from('{"resourceSpans":[')), 400],
  ['JSON of another shape', body(Buffer.from('[1]')), 400],
  ['resourceSpans that are no list', body(Buffer.from('{"resourceSpans":{}}')), 400],
  ['broken gzip', body(Buffer.from('no gzip'), 'gzip'), 400],
  ['gzip that ends too soon', body(gzipSync(json).subarray(0, 12), 'gzip'), 400],
  ['another packing', body(json, 'br'), 415],
  ['text', body(json, undefined, 'text/plain'), 415],
  ['no content type', { ...body(json), contentType: undefined }, 415],
  ['protobuf that is none', body(json, undefined, 'application/x-protobuf'), 400],
  [
    'protobuf that ends too soon',
    body(Buffer.of(0x0a, 0x05), undefined, 'application/x-protobuf'),
    400,
  ],
] as const) {
  test(`${name} is refused with ${status}`, async () => {
    await assert.rejects(readOtlpBody('traces', refused), refusedWith(status));
  });
}
