/**
 * JSON schemas of the error formats, for the OpenAPI documents.
 *
 * @module
 */
import type { FormatName } from '@breakwater/errors';

type Schema = Record<string, unknown>;

const string: Schema = { type: 'string' };
const traceId: Schema = { type: 'string', pattern: '^[0-9a-f]{32}$' };
const status: Schema = { type: 'integer', minimum: 400, maximum: 599 };
const object: Schema = { type: 'object' };

function closed(properties: Record<string, Schema>): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

const SCHEMAS: Readonly<Record<FormatName, Schema>> = {
  universal: closed({
    trace_id: traceId,
    error_code: string,
    message: string,
    status_code: status,
    service_name: string,
    context: object,
  }),
  problem: closed({
    type: string,
    title: string,
    status,
    detail: string,
    instance: string,
    trace_id: traceId,
    error_code: string,
    service_name: string,
    context: object,
  }),
  coded: closed({
    error: { const: true },
    code: string,
    message: string,
    details: object,
    request_id: string,
  }),
  envelope: closed({
    error: closed({
      message: string,
      type: string,
      details: { type: 'object', properties: { code: string }, required: ['code'] },
    }),
  }),
};

/** Where a format carries the code. */
const CODE_PATH: Readonly<Record<FormatName, readonly string[]>> = {
  universal: ['error_code'],
  problem: ['error_code'],
  coded: ['code'],
  envelope: ['error', 'details', 'code'],
};

/** `Error` in the service's own format, and `Problem` for those who ask for it. */
export function errorSchemas(format: FormatName): Record<string, Schema> {
  return { Error: SCHEMAS[format], Problem: SCHEMAS.problem };
}

/** The schema of a body in a format that carries one of these codes. */
export function errorSchema(format: FormatName, codes: readonly string[]): Schema {
  const name = format === 'problem' ? 'Problem' : 'Error';
  const narrowed = CODE_PATH[format].reduceRight<Schema>(
    (schema, property) => ({ properties: { [property]: schema } }),
    { enum: codes },
  );
  return { allOf: [{ $ref: `#/components/schemas/${name}` }, narrowed] };
}
