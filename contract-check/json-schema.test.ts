import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { compareSchemas, type Direction, type JsonSchema } from './json-schema.ts';

const schema = (from: z.ZodType) => z.toJSONSchema(from, { io: 'input' }) as JsonSchema;

/** The rules that a change from one schema to another breaks, and where. */
function broken(direction: Direction, old: z.ZodType, now: z.ZodType): string[] {
  return compareSchemas(schema(old), schema(now), direction).map(({ rule, pointer }) =>
    `${rule} ${pointer}`.trim(),
  );
}

const text = z.string();
const kind = (...values: string[]) => z.object({ kind: z.enum(values) });
const either = (...of: z.ZodType[]) => z.object({ a: z.union(of as never) });
const shape = (type: string, rest: z.ZodRawShape) => z.object({ type: z.literal(type), ...rest });

/** What changes, from what to what, and what is said of it as a request and as a response. */
const CHANGES: [
  what: string,
  old: z.ZodType,
  now: z.ZodType,
  request: string[],
  response: string[],
][] = [
  ['nothing', z.object({ a: text }), z.object({ a: text }), [], []],
  [
    'a property that is gone',
    z.object({ a: text, b: text.optional() }),
    z.object({ a: text }),
    ['property-removed'],
    ['property-removed'],
  ],
  [
    'a new optional property',
    z.object({ a: text }),
    z.object({ a: text, b: text.optional() }),
    [],
    [],
  ],
  ['a new property', z.object({ a: text }), z.object({ a: text, b: text }), ['required-added'], []],
  [
    'a new property with a default',
    z.object({ a: text }),
    z.object({ a: text, b: text.default('x') }),
    [],
    [],
  ],
  [
    'an optional property that is required',
    z.object({ a: text.optional() }),
    z.object({ a: text }),
    ['required-added'],
    [],
  ],
  [
    'a required property that is optional',
    z.object({ a: text }),
    z.object({ a: text.optional() }),
    [],
    ['required-removed'],
  ],
  [
    'another type',
    z.object({ a: text }),
    z.object({ a: z.int() }),
    ['type-changed /properties/a', 'bound-changed /properties/a', 'bound-changed /properties/a'],
    ['type-changed /properties/a'],
  ],
  [
    'an integer that may be any number',
    z.object({ a: z.int().min(0).max(9) }),
    z.object({ a: z.number().min(0).max(9) }),
    [],
    ['type-changed /properties/a'],
  ],
  [
    'a value that may be null',
    z.object({ a: text }),
    z.object({ a: text.nullable() }),
    [],
    ['type-changed /properties/a'],
  ],
  [
    'a value that is never null any more',
    z.object({ a: text.nullable() }),
    z.object({ a: text }),
    ['type-changed /properties/a'],
    [],
  ],
  [
    'an enum with a value less',
    kind('x', 'y'),
    kind('x'),
    ['enum-value-removed /properties/kind'],
    [],
  ],
  [
    'an enum with a value more',
    kind('x'),
    kind('x', 'y'),
    [],
    ['enum-value-added /properties/kind'],
  ],
  [
    'a constant that is another',
    z.object({ a: z.literal('x') }),
    z.object({ a: z.literal('y') }),
    ['enum-value-removed /properties/a'],
    ['enum-value-added /properties/a'],
  ],
  [
    'a text that is an enum',
    z.object({ a: text }),
    z.object({ a: z.enum(['x']) }),
    ['enum-value-removed /properties/a'],
    [],
  ],
  [
    'narrower bounds',
    z.object({ a: text.max(9), b: z.array(text) }),
    z.object({ a: text.max(8), b: z.array(text).min(1) }),
    ['bound-changed /properties/a', 'bound-changed /properties/b'],
    [],
  ],
  [
    'wider bounds',
    z.object({ a: z.int().min(1).max(9) }),
    z.object({ a: z.int().min(0).max(10) }),
    [],
    ['bound-changed /properties/a', 'bound-changed /properties/a'],
  ],
  [
    'another pattern',
    z.object({ a: text.regex(/^a$/) }),
    z.object({ a: text.regex(/^b$/) }),
    ['pattern-changed /properties/a'],
    ['pattern-changed /properties/a'],
  ],
  [
    'a pattern that is gone',
    z.object({ a: text.regex(/^a$/) }),
    z.object({ a: text }),
    [],
    ['pattern-changed /properties/a'],
  ],
  ['an object that is closed', z.object({ a: text }), z.strictObject({ a: text }), ['closed'], []],
  [
    'a new property where what is unknown is refused',
    z.strictObject({ a: text }),
    z.strictObject({ a: text, b: text.optional() }),
    [],
    ['property-added-to-closed'],
  ],
  [
    'a property of an entry',
    z.object({ a: z.array(z.object({ b: text })) }),
    z.object({ a: z.array(z.object({ b: z.boolean() })) }),
    ['type-changed /properties/a/items/properties/b'],
    ['type-changed /properties/a/items/properties/b'],
  ],
  [
    'the values of a record',
    z.record(text, z.int()),
    z.record(text, text),
    ['type-changed /additionalProperties'],
    [
      'type-changed /additionalProperties',
      'bound-changed /additionalProperties',
      'bound-changed /additionalProperties',
    ],
  ],
  [
    'another alternative',
    either(shape('x', { a: text })),
    either(shape('x', { a: text }), shape('y', {})),
    [],
    ['alternative-changed /properties/a'],
  ],
  [
    'an alternative less',
    either(shape('x', { a: text }), shape('y', {})),
    either(shape('x', { a: text })),
    ['alternative-changed /properties/a'],
    [],
  ],
  [
    'a property of an alternative',
    either(shape('x', { b: text }), shape('y', {})),
    either(shape('x', { b: z.boolean() }), shape('y', {})),
    ['type-changed /properties/a/properties/b'],
    ['type-changed /properties/a/properties/b'],
  ],
];

describe('a change of a JSON Schema', () => {
  for (const [what, old, now, request, response] of CHANGES) {
    test(`${what}, in a request`, () => assert.deepEqual(broken('request', old, now), request));
    test(`${what}, in a response`, () => assert.deepEqual(broken('response', old, now), response));
  }

  test('a reference leads to what it names', () => {
    const node = (value: z.ZodType) => {
      const self: z.ZodType = z.object({
        value,
        get next() {
          return self.optional();
        },
      });
      return self;
    };
    const found = broken('request', node(text), node(z.boolean()));
    assert.ok(found.includes('type-changed /properties/value'), found.join());
    assert.deepEqual(broken('request', node(text), node(text)), []);
  });

  test('a keyword that no rule knows is no compatible change', () => {
    const old: JsonSchema = { type: 'string' };
    const [found] = compareSchemas(old, { ...old, contains: {} }, 'request');
    assert.equal(found?.rule, 'unknown-keyword');
  });
});
