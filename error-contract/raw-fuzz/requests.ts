/**
 * Requests that are right, in every way a client may write them, and requests that are not.
 *
 * @module
 */
import type { Random } from '@breakwater/resilience';
import { between, type Operation, pick, type RawRequest } from './case.ts';

const HOST = 'Host: fuzz.test';

/** A head with its lines, ended. */
export const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

/** Lines that change nothing about the response. */
const HARMLESS = [
  'X-Deadline-Ms: 0',
  'X-Should-Retry: false',
  'Baggage: tenant=acme',
  'Tracestate: ot=th:0',
  'Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  'Traceparent: nonsense',
  'X-Request-ID: not an id',
  `Cookie: ${'a=b; '.repeat(50)}`,
  'Expect: a-miracle',
  'X-Latin: caf\xe9',
  'X-Empty:',
  'X-Forwarded-For: 10.0.0.1, nonsense',
  'Accept-Encoding: gzip, br',
  'Accept-Language: *',
  'Range: bytes=0-1',
  'If-None-Match: *',
  'Origin: null',
];

/** Lines after which the connection ends, whether or not they say so. */
const LAST = [
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
];

/** A right request; `last` says whether it asks for the end of the connection. */
export function goodRequest(
  random: Random,
  id: string,
  operations: readonly Operation[],
  last: boolean,
): RawRequest {
  const operation = pick(random, operations);
  const { body = '', status } = operation;
  const old = last && random() < 0.1;
  const absolute = !old && random() < 0.1;
  const chunked = body !== '' && !old && random() < 0.4;
  const target = absolute ? `http://fuzz.test${operation.target}` : operation.target;
  const lines = [
    `${operation.method} ${target} HTTP/1.${old ? 0 : 1}`,
    ...(old && random() < 0.7 ? [] : [HOST]),
    `X-Request-ID: ${id}`,
    ...(operation.headers ?? []),
    ...Array.from({ length: between(random, 0, 2) }, () => pick(random, HARMLESS)),
    ...(body === ''
      ? []
      : [chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`]),
    ...(last ? [pick(random, LAST)] : []),
  ];
  const what = `${operation.method} ${operation.target}`;
  return { what, bytes: head(...lines) + (chunked ? inChunks(random, body) : body), status };
}

/** A body in chunks, with extensions and trailers as some clients send them. */
function inChunks(random: Random, body: string): string {
  let rest = body;
  let chunks = '';
  while (rest !== '') {
    const size = between(random, 1, rest.length);
    chunks += `${size.toString(16)}${random() < 0.2 ? ';name=value' : ''}\r\n${rest.slice(0, size)}\r\n`;
    rest = rest.slice(size);
  }
  return `${chunks}0\r\n${random() < 0.2 ? 'X-Trailer: a\r\n' : ''}\r\n`;
}

type Maker = (random: Random, operations: readonly Operation[]) => [bytes: string, status: number];

const upload = (operations: readonly Operation[], ...lines: string[]) => {
  const { method, target } = operations.find(({ body }) => body) ?? { method: 'POST', target: '/' };
  return head(`${method} ${target} HTTP/1.1`, HOST, 'Content-Type: application/json', ...lines);
};

/** What ends a connection: by kind, with the status it gets. Nothing good can follow any of them. */
export const BAD: Readonly<Record<string, Maker>> = {
  garbage: (random) => [`${noise(random, between(random, 1, 60))}\r\n\r\n`, 400],
  'a TLS handshake': () => ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  'the preface of HTTP/2': () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  'HTTP/0.9': () => ['GET /\r\n\r\n', 400],
  'another version': (random) => [
    head(`GET / HTTP/${pick(random, ['2.0', '3.0', '1.2', '11', 'x'])}`, HOST),
    400,
  ],
  'an unknown method': (random) => [
    head(`${pick(random, ['FETCH', 'get', 'G', 'GETGET', '\xe9'])} / HTTP/1.1`, HOST),
    400,
  ],
  'a tunnel': () => [head('CONNECT fuzz.test:443 HTTP/1.1', 'Host: fuzz.test:443'), 405],
  'OPTIONS *': () => [head('OPTIONS * HTTP/1.1', HOST), 405],
  'a target that is none': (random) => [
    head(
      `GET ${pick(random, ['nowhere', '*', '?a', 'http://', 'http://other.test/', '\\'])} HTTP/1.1`,
      HOST,
    ),
    400,
  ],
  'no host': () => [head('GET / HTTP/1.1', 'X-A: b'), 400],
  'a host that is none': (random) => [
    head('GET / HTTP/1.1', `Host: ${pick(random, ['', 'a b', 'a/b', '[', 'a:b', '@', 'a\\b'])}`),
    400,
  ],
  'two hosts': (random) => [head('GET / HTTP/1.1', HOST, pick(random, [HOST, 'host: x'])), 400],
  'a field that is none': (random) => [
    head(
      'GET / HTTP/1.1',
      HOST,
      pick(random, [': a', 'a b: c', 'a', 'a\0: b', 'a: b\0', ' folded']),
    ),
    400,
  ],
  'too large a head': (random) => [
    head('GET / HTTP/1.1', HOST, `X-Big: ${'a'.repeat(between(random, 16_500, 80_000))}`),
    431,
  ],
  'too long a target': (random) => [
    head(`GET /${'a'.repeat(between(random, 16_500, 40_000))} HTTP/1.1`, HOST),
    431,
  ],
  'a length that is none': (random, operations) => [
    upload(
      operations,
      `Content-Length: ${pick(random, ['-1', '+1', '0x1', '1e3', 'x', '9'.repeat(30), '1,1'])}`,
    ),
    400,
  ],
  'two lengths': (random, operations) => [
    upload(operations, 'Content-Length: 2', `Content-Length: ${between(random, 1, 3)}`),
    400,
  ],
  'a length beside chunks': (random, operations) => {
    const both = ['Content-Length: 2', 'Transfer-Encoding: chunked'];
    return [upload(operations, ...(random() < 0.5 ? both : both.reverse())), 400];
  },
  'another transfer coding': (random, operations) => [
    upload(
      operations,
      `Transfer-Encoding: ${pick(random, ['gzip', 'identity', 'gzip, chunked', 'chunked, gzip', 'x', 'chunked, chunked'])}`,
    ),
    400,
  ],
  'chunks in HTTP/1.0': () => [
    `${head('POST / HTTP/1.0', HOST, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
  ],
  'a broken chunk': (random, operations) => [
    `${upload(operations, 'Transfer-Encoding: chunked')}${pick(random, [
      'ZZ\r\n{}\r\n0\r\n\r\n',
      '1\r\n{}\r\n0\r\n\r\n',
      '-1\r\n{}\r\n',
      '0x2\r\n{}\r\n',
      '2\r\n{}0\r\n\r\n',
      '2\r\n{}\r\n0\r\nno trailer\r\n\r\n',
      `${'f'.repeat(20)}\r\n`,
      `2;${'a'.repeat(20_000)}\r\n{}\r\n`,
      '\r\n\r\n',
      '2 \0\r\n{}\r\n',
    ])}`,
    400,
  ],
};

/** Random bytes that begin no request. */
function noise(random: Random, length: number): string {
  const bytes = Array.from({ length }, () => String.fromCharCode(between(random, 0, 255)));
  return `\x00${bytes.join('')}`;
}

/** One of the requests in {@link BAD}. */
export function badRequest(random: Random, operations: readonly Operation[]): RawRequest {
  const what = pick(random, Object.keys(BAD));
  const [bytes, status] = BAD[what]?.(random, operations) ?? ['', 0];
  return { what, bytes, status };
}
