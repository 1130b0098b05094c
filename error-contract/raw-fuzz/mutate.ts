/**
 * Changes bytes in ways that parsers have stumbled over.
 *
 * @module
 */
import type { Random } from '@breakwater/resilience';
import { between, pick } from './case.ts';

/** What is put somewhere as a whole. */
const WORDS = [
  ...[
    '\r\n',
    '\r',
    '\n',
    '\r\n\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    ',',
    ';',
    '%',
    '%00',
    '%zz',
    '//',
    '..',
  ],
  ...['?', '#', '*', '\\', '"', '\x7f', '\x80', '\xff', '\xc0\xaf', '{', '[', '"\\ud800"', '1e999'],
  ...['HTTP/1.0', 'HTTP/1.1', 'GET ', 'HEAD ', 'CONNECT ', 'TRACE ', 'http://fuzz.test/'],
  'Host: other.test\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Content-Encoding: gzip\r\n',
  'Content-Type: text/plain\r\n',
  'Connection: close\r\n',
  'Connection: Upgrade\r\n',
  'Upgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
  '0\r\n\r\n',
];

type Mutation = (random: Random, bytes: string) => string;

const splice = (bytes: string, from: number, to: number, instead: string) =>
  bytes.slice(0, from) + instead + bytes.slice(to);

const MUTATIONS: readonly Mutation[] = [
  (random, bytes) => {
    const at = between(random, 0, bytes.length - 1);
    const flipped = bytes.charCodeAt(at) ^ (1 << between(random, 0, 7));
    return splice(bytes, at, at + 1, String.fromCharCode(flipped));
  },
  (random, bytes) => {
    const at = between(random, 0, bytes.length);
    return splice(bytes, at, at, pick(random, WORDS));
  },
  (random, bytes) => {
    const at = between(random, 0, bytes.length - 1);
    return splice(bytes, at, at + between(random, 1, 12), '');
  },
  (random, bytes) => {
    const at = between(random, 0, bytes.length - 1);
    const end = at + between(random, 1, 40);
    return splice(bytes, end, end, bytes.slice(at, end));
  },
  (random, bytes) =>
    onLines(bytes, (lines) => {
      const [from, to] = [
        between(random, 0, lines.length - 1),
        between(random, 0, lines.length - 1),
      ];
      [lines[from], lines[to]] = [lines[to] ?? '', lines[from] ?? ''];
    }),
  (random, bytes) =>
    onLines(bytes, (lines) => {
      const at = between(random, 0, lines.length - 1);
      lines.splice(at, 0, lines[at] ?? '');
    }),
  (random, bytes) => bytes.slice(0, between(random, 1, bytes.length)),
];

function onLines(bytes: string, change: (lines: string[]) => void): string {
  const lines = bytes.split('\r\n');
  change(lines);
  return lines.join('\r\n');
}

/** Changes bytes one to four times. */
export function mutate(random: Random, bytes: string): string {
  let changed = bytes;
  for (let i = between(random, 1, 4); i > 0 && changed !== ''; i--) {
    changed = pick(random, MUTATIONS)(random, changed);
  }
  return changed;
}
