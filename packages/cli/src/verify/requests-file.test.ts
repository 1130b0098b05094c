import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.ts';
import { parseRequests, readRequestsFile } from './requests-file.ts';

test('requests are read with their defaults', () => {
  const text = JSON.stringify([
    { path: '/todos/7?x=1' },
    { method: 'post', path: '/todos', headers: { a: 'b' }, body: { title: '' }, expect: 422 },
  ]);
  assert.deepEqual(parseRequests(text, 'f'), [
    { method: 'GET', path: '/todos/7?x=1', headers: {}, body: undefined, expect: undefined },
    { method: 'POST', path: '/todos', headers: { a: 'b' }, body: { title: '' }, expect: 422 },
  ]);
});

for (const [name, text, said] of [
  ['no JSON', '[', /^f is no JSON/],
  ['no list', '{}', /^f is no list of requests/],
  ['an empty list', '[]', /^f is no list of requests/],
  ['a text', '["/"]', /^request 1 of f: it is no object/],
  ['an unknown key', '[{"path":"/","status":404}]', /there is no "status", only method, path/],
  ['a path without a slash', '[{"path":"/"},{"path":"a"}]', /^request 2 of f: "path" is a text/],
  ['an odd status', '[{"path":"/","expect":"404"}]', /"expect" is a status/],
  ['an odd method', '[{"path":"/","method":"GET /"}]', /"method" is a word/],
  ['odd headers', '[{"path":"/","headers":{"a":1}}]', /"headers" is an object of texts/],
] as const) {
  test(`${name} is refused, and said where`, () => {
    assert.throws(
      () => parseRequests(text, 'f'),
      (error: unknown) => error instanceof UsageError && said.test(error.message),
    );
  });
}

test('a file that is not there is named', () => {
  assert.throws(
    () => readRequestsFile('/no/such.json'),
    /\/no\/such\.json cannot be read \(ENOENT\)/,
  );
});
