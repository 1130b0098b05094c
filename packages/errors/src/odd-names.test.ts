import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as business from './business-errors.ts';
import * as client from './client-errors.ts';
import { formats, renderError } from './formats/index.ts';
import { type FormatName, listKinds } from './kind.ts';
import * as orchestrator from './orchestrator.ts';
import * as technical from './technical-errors.ts';

test('a name of any shape makes an error, never another one', () => {
  const codes = {
    '3d-model': 'NOT_FOUND',
    '': 'NOT_FOUND',
    ' ': 'NOT_FOUND',
    日本: 'NOT_FOUND',
    '🚢': 'NOT_FOUND',
    ['x'.repeat(10_000)]: 'NOT_FOUND',
    Straße: 'STRASSE_NOT_FOUND',
    'Île d’Yeu': 'ILE_D_YEU_NOT_FOUND',
    '-order-line-': 'ORDER_LINE_NOT_FOUND',
    __proto: 'PROTO_NOT_FOUND',
    constructor: 'CONSTRUCTOR_NOT_FOUND',
  };
  for (const [resource, code] of Object.entries(codes)) {
    const error = new client.NotFoundError(resource, 1);
    assert.deepEqual([error.code, error.status, error.context.resource], [code, 404, resource]);
    assert.equal(client.NotFoundError.of(resource), error.kind);
  }
  const exists = new business.AlreadyExistsError('3d-model', '2nd name', 'x');
  assert.deepEqual([exists.code, exists.status], ['ALREADY_EXISTS', 409]);
});

test('whatever the texts, every class of the family can be made and rendered', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(text, text, text, fc.dictionary(text, fc.anything()), (a, b, c, context) => {
      const errors = [
        new client.NotFoundError(a, b, { context }),
        new business.AlreadyExistsError(a, b, c, { context }),
        new client.ValidationError(a, [{ path: b, rule: c, message: a }], { context }),
        new technical.BadGatewayError(a, { context }),
        new technical.DependencyTimeoutError(a, { context }),
        new client.AuthenticationError(a, 'Bearer', { context }),
        new orchestrator.TenantQuotaError(a, { context }),
        new orchestrator.PlanExecutionError(a, b, { context }),
      ];
      for (const error of errors) {
        for (const format of Object.keys(formats) as FormatName[]) {
          const failure = { error, traceId: a, requestId: b, serviceName: c, path: a };
          const { status, headers, body } = renderError(format, failure);
          new Response(body, { status, headers });
        }
      }
    }),
  );
});

test('names from outside make no more codes than a catalogue may hold', () => {
  for (let i = 0; i < 2_000; i++) new client.NotFoundError(`thing ${i}`, i);
  assert.equal(listKinds().length, 1_000);
  const late = new client.NotFoundError('latecomer', 1);
  assert.deepEqual([late.code, late.status], ['NOT_FOUND', 404]);
});
