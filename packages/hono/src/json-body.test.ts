import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from '@hono/zod-openapi';
import { checkJson } from './json-body.ts';
import { body, json, route } from './route.ts';
import { testService } from './testing/test-service.ts';

const { service, request } = testService({ maxBodyBytes: 10_000 });
const note = z.strictObject({ text: z.string() });
const postNote = route({
  method: 'post',
  path: '/notes',
  request: { body: body(note) },
  responses: { 201: json(note, 'The note.') },
});
service.app.openapi(postNote, (c) => c.json(c.req.valid('json'), 201));

type Bytes = string | Uint8Array<ArrayBuffer>;

async function post(bytes: Bytes, contentType: string | null = 'application/json') {
  const response = await service.app.request('/notes', {
    method: 'POST',
    body: bytes,
    headers: contentType === null ? {} : { 'content-type': contentType },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test('a body that is right is read, in every media type that is JSON', async () => {
  for (const type of [
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/vnd.api+json',
  ]) {
    assert.equal((await post('{"text":"é"}', type)).status, 201, type);
  }
});

/** A text of these bytes. */
function bytes(...text: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...Buffer.from('{"text":"'), ...text, ...Buffer.from('"}')]);
}

const REFUSED: Record<string, [bytes: Bytes, rule: string]> = {
  'no JSON': ['{"text":', 'malformed_json'],
  nothing: ['', 'malformed_json'],
  'a trailing comma': ['{"text":"a",}', 'malformed_json'],
  'bad UTF-8': [Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'invalid_utf8'],
  'a NUL in a value': ['{"text":"a\\u0000b"}', 'contains_nul'],
  'a NUL in a key': ['{"te\\u0000xt":"a"}', 'contains_nul'],
  'a NUL byte': ['{"text":"a\0"}', 'malformed_json'],
  'half a surrogate pair': ['{"text":"\\ud83d"}', 'contains_half_a_surrogate_pair'],
  'halves in the wrong order': ['{"text":"\\udca9\\ud83d"}', 'contains_half_a_surrogate_pair'],
  'half a surrogate pair in a key': ['{"\\ud83d":1}', 'contains_half_a_surrogate_pair'],
  'a byte order mark': ['\ufeff{"text":"a"}', 'malformed_json'],
  'UTF-16': [new Uint8Array(Buffer.from('{"text":"a"}', 'utf16le')), 'malformed_json'],
  'an overlong slash': [bytes(0xc0, 0xaf), 'invalid_utf8'],
  'an overlong NUL': [bytes(0xc0, 0x80), 'invalid_utf8'],
  'a surrogate in UTF-8': [bytes(0xed, 0xa0, 0x80), 'invalid_utf8'],
  'a character beyond Unicode': [bytes(0xf4, 0x90, 0x80, 0x80), 'invalid_utf8'],
  'a character cut off': [bytes(0xe2, 0x82), 'invalid_utf8'],
  'a number that is none': ['{"text":NaN}', 'malformed_json'],
  'deep nesting': [`${'['.repeat(40)}${']'.repeat(40)}`, 'is_nested_too_deeply'],
  'nesting as deep as it gets': ['['.repeat(5_000), 'malformed_json'],
  'the wrong type': ['[]', 'invalid_type'],
  'a field of the wrong type': ['{"text":7}', 'invalid_type'],
  'a field nobody knows': ['{"text":"a","more":1}', 'unrecognized_keys'],
};

for (const [what, [bytes, rule]] of Object.entries(REFUSED)) {
  test(`${what} is refused with 422 and the rule`, async () => {
    const { status, body } = await post(bytes);
    assert.equal(status, 422);
    assert.equal(body.error_code, 'VALIDATION_ERROR');
    assert.equal(body.context.fields[0].rule, rule);
    assert.match(body.context.fields[0].path, /^body/);
  });
}

test('another media type, or none, is refused with 415', async () => {
  for (const type of ['text/plain', 'application/jsonx', 'multipart/form-data', '']) {
    const { status, body } = await post('{"text":"a"}', type);
    assert.deepEqual([status, body.error_code], [415, 'UNSUPPORTED_MEDIA_TYPE'], type);
  }
  assert.equal((await post(new Uint8Array([1]), null)).status, 415);
});

test('another charset is refused with 415', async () => {
  for (const charset of ['utf-16', 'latin1', '"iso-8859-1"', '']) {
    const { status } = await post('{"text":"a"}', `application/json; charset=${charset}`);
    assert.equal(status, 415, charset);
  }
  assert.equal((await post('{"text":"a"}', 'application/json; charset="UTF-8"')).status, 201);
});

test('a content coding is refused with 415, whatever the bytes are', async () => {
  const coded = (coding: string) =>
    request('POST', '/notes', { body: { text: 'a' }, headers: { 'content-encoding': coding } });
  for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip', '']) {
    const { status, body } = await coded(coding);
    assert.deepEqual([status, body.error_code], [415, 'UNSUPPORTED_MEDIA_TYPE'], coding);
    assert.equal(body.context.content_encoding, coding);
  }
  assert.equal((await coded('Identity')).status, 201);
});

test('a body larger than the limit is refused with 413', async () => {
  const { status, body } = await post(JSON.stringify({ text: 'x'.repeat(10_001) }));
  assert.deepEqual([status, body.error_code], [413, 'PAYLOAD_TOO_LARGE']);
});

test('keys that are special in JavaScript are keys like others', async () => {
  const { status, body } = await post('{"text":"a","__proto__":{"admin":true}}');
  assert.equal(status, 422);
  assert.equal(body.context.fields[0].rule, 'unrecognized_keys');
});

test('32 levels are enough, 33 are too many', () => {
  const nested = (levels: number) =>
    new TextEncoder().encode(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  checkJson(nested(32));
  assert.throws(() => checkJson(nested(33)), /nested too deeply/);
});

test('an operation that takes a body tells so much in its document', async () => {
  const { paths } = (await request('GET', '/openapi.json')).body;
  assert.deepEqual(Object.keys(paths['/notes'].post.responses).sort(), [
    '201',
    '413',
    '415',
    '422',
    '500',
    '503',
    '504',
  ]);
});
