/**
 * What consumers say they need of a provider: `services/<consumer>/contracts/<provider>.json`.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './places.ts';

/**
 * Fields by their path, as `items[].id`, each with what the consumer takes it for: a type of JSON
 * (`string`, `integer`, `string|null`), or of Protobuf (`int32`), or the values it can tell apart.
 */
const fields = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

const need = z.strictObject({
  /** What the consumer puts into the body, or into the message. */
  sends: fields.default({}),
  /** What it sends beside that: all of it, so that a new required parameter is seen to break it. */
  query: fields.default({}),
  headers: fields.default({}),
  /** What it reads of every success. */
  reads: fields.default({}),
  /** The error codes it tells apart. */
  codes: z.array(z.string()).default([]),
});

const statement = z.strictObject({
  /** By operation of the provider's document, as `POST /payments`. */
  operations: z.record(z.string(), need).default({}),
  /** By method of its Protobuf service, as `breakwater.payments.v1.PaymentService/GetPayment`. */
  rpcs: z.record(z.string(), need).default({}),
});

/** Fields by path. */
export type Fields = z.output<typeof fields>;
/** What a consumer needs of one operation. */
export type Need = z.output<typeof need>;

/** What one consumer needs of one provider. */
export interface Statement extends z.output<typeof statement> {
  readonly consumer: string;
  readonly provider: string;
  /** From the root of the repository. */
  readonly file: string;
}

/** Reads the statements of every consumer. @throws {Error} naming a file that is malformed */
export function readStatements(root = ROOT): Statement[] {
  return globSync('services/*/contracts/*.json', { cwd: root })
    .filter((file) => !file.startsWith('services/shared/'))
    .sort()
    .map((file) => {
      const [, consumer = '', , name = ''] = file.split('/');
      const parsed = statement.safeParse(JSON.parse(readFileSync(join(root, file), 'utf8')));
      if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
      return { consumer, provider: name.replace(/\.json$/, ''), file, ...parsed.data };
    });
}
