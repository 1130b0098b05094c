/**
 * Everything that two teams rely on, as of today or as it was released.
 *
 * @module
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MESSAGES } from '@breakwater/contracts/messages';
import { type FormatName, formats, statusOf } from '@breakwater/errors';
import { z } from 'zod';
import { loadDefinitions } from '../error-contract/definitions.ts';
import { currentDocuments, type OpenApiDocument } from './documents.ts';
import type { ErrorGolden, GrpcGolden, RestGolden } from './golden.ts';
import type { JsonSchema } from './json-schema.ts';

/** The messages of one version of a contract, by name. */
export interface SchemaModule {
  readonly request: Readonly<Record<string, JsonSchema>>;
  readonly response: Readonly<Record<string, JsonSchema>>;
}

/** What a client knows of an error code: its status in each format. */
export type ErrorCodes = Readonly<Record<string, Readonly<Record<FormatName, number>>>>;

/** All kinds of contract but Protobuf, which buf reads from its own files. */
export interface Contract {
  /** By service. */
  readonly openapi: Readonly<Record<string, OpenApiDocument>>;
  /** By module, as `payments-v1`. */
  readonly schemas: Readonly<Record<string, SchemaModule>>;
  readonly errors: ErrorCodes;
}

/** When a release was made, and of what. */
export interface ReleaseNote {
  readonly version: string;
  /** The commit that was released: the services of it speak this contract. */
  readonly commit: string;
  /** ISO 8601, a day. */
  readonly date: string;
}

/** What a folder of `released/` holds. */
export interface Release extends Contract {
  readonly folder: string;
  readonly note: ReleaseNote;
  readonly golden: {
    /** By service. */
    readonly rest: Readonly<Record<string, readonly RestGolden[]>>;
    readonly grpc: readonly GrpcGolden[];
    readonly errors: readonly ErrorGolden[];
  };
}

/** The contract as the source is now. */
export async function currentContract(): Promise<Contract> {
  const openapi = await currentDocuments();
  return { openapi, schemas: currentSchemas(), errors: await currentErrors() };
}

function currentSchemas(): Record<string, SchemaModule> {
  const written = (schemas: Readonly<Record<string, z.ZodType>>) =>
    Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => {
        // As it is written: what a default stands in for may be left out.
        const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
        return [name, rest as JsonSchema];
      }),
    );
  return Object.fromEntries(
    Object.entries(MESSAGES).map(([module, { request, response }]) => [
      module,
      { request: written(request), response: written(response) },
    ]),
  );
}

async function currentErrors(): Promise<ErrorCodes> {
  const names = Object.keys(formats) as FormatName[];
  const definitions = await loadDefinitions();
  return Object.fromEntries(
    definitions
      .map(({ kind }) => [
        kind.code,
        Object.fromEntries(names.map((name) => [name, statusOf(kind, name)])),
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
}

/** Reads what was released into a folder. */
export function readRelease(folder: string): Release {
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const all = (below: string) =>
    Object.fromEntries(
      globSync('*.json', { cwd: join(folder, below) })
        .sort()
        .map((file) => [basename(file, '.json'), json(join(below, file))]),
    );
  const has = (file: string) => readdirSync(join(folder, 'golden')).includes(file);
  return {
    folder,
    note: json('release.json'),
    openapi: all('openapi'),
    schemas: all('schemas'),
    errors: json('errors.json'),
    golden: {
      rest: all('golden/rest'),
      grpc: has('grpc.json') ? json('golden/grpc.json') : [],
      errors: json('golden/errors.json'),
    },
  };
}
