import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './app-error.ts';
import { defineKind, findKind, isErrorCode, kindOfNoun, listKinds, statusOf } from './kind.ts';

test('a kind takes what it leaves out from its parent, but its name', () => {
  const { name: _, ...unnamed } = AppError.kind;
  const kind = defineKind(AppError.kind, { code: 'KIND_CHILD', meaning: 'A child.', status: 503 });
  assert.deepEqual(kind, {
    ...unnamed,
    code: 'KIND_CHILD',
    meaning: 'A child.',
    status: 503,
  });
  assert.equal(findKind('KIND_CHILD'), kind);
  assert.ok(Object.isFrozen(kind));
});

test('the same definition twice is one kind; another one under its code is refused', () => {
  const define = (meaning: string) => defineKind(AppError.kind, { code: 'KIND_TWICE', meaning });
  assert.equal(define('Once.'), define('Once.'));
  assert.throws(() => define('Otherwise.'), /KIND_TWICE is defined twice/);
});

test('a malformed code or status is refused where it is defined', () => {
  const define = (code: string, status = 400) =>
    defineKind(AppError.kind, { code, status, meaning: 'Refused.' });
  for (const code of ['', 'lower', 'TRAILING_', 'ORCH-1', 'A B', `A${'B'.repeat(64)}`]) {
    assert.throws(() => define(code), /neither UPPER_SNAKE nor PREFIX-000/, code);
  }
  for (const status of [200, 399, 600, 404.5]) {
    assert.throws(() => define('KIND_STATUS', status), /expected 400 to 599/);
  }
  const statusIn = { envelope: 200 };
  assert.throws(
    () => defineKind(AppError.kind, { code: 'KIND_OVERRIDE', meaning: 'Refused.', statusIn }),
    /expected 400 to 599/,
  );
});

test('codes are UPPER_SNAKE or a prefix with three digits', () => {
  for (const code of ['A', 'ITEM_NOT_FOUND', 'ORCH-000', 'HTTP2_ERROR'])
    assert.ok(isErrorCode(code));
  for (const code of ['_A', 'A__B', 'ORCH-00', '1A', 'A\n']) assert.ok(!isErrorCode(code), code);
});

test('a kind made of a noun may be asked for again, in other words', () => {
  const of = (meaning: string) => kindOfNoun(AppError.kind, { code: 'NOUN_GONE', meaning });
  assert.equal(of('The noun is gone.'), of('A noun is gone.'));
  assert.equal(of('The noun is gone.').name, AppError.kind.name);
});

test('where a noun makes no code, or one with another status, the parent is the kind', () => {
  const parent = { ...AppError.kind, status: 410 };
  const of = (code: string) => kindOfNoun(parent, { code, meaning: 'The noun is gone.' });
  assert.equal(kindOfNoun(AppError.kind, { code: 'NOUN_LOST', meaning: 'Lost.' }).status, 500);
  for (const code of ['NOUN_LOST', '3D_GONE', '_GONE', '']) assert.equal(of(code), parent, code);
});

test('the catalogue is sorted by code and holds every code once', () => {
  const codes = listKinds().map(({ code }) => code);
  assert.deepEqual(codes, [...new Set(codes)].sort());
  assert.ok(codes.includes('INTERNAL_ERROR'));
});

test('a format can have a status of its own', () => {
  const kind = { ...AppError.kind, status: 409, statusIn: { envelope: 400 } };
  assert.equal(statusOf(kind, 'envelope'), 400);
  assert.equal(statusOf(kind, 'problem'), 409);
});
