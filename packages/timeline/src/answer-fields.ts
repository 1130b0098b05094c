/**
 * What a span or a line says of a response, whichever protocol carried it.
 *
 * @module
 */
import { FIELDS } from '@breakwater/telemetry/core';
import type { Attributes } from './model.ts';
import { RPC_FIELDS } from './names.ts';

/** The response as every list and table shows it; absent is what nothing tells. */
export interface AnswerFields {
  readonly method: string | undefined;
  /** Template, as `/items/:id`; of a call over gRPC its path, as its errors are counted under. */
  readonly route: string | undefined;
  readonly status: number | undefined;
}

/** A method that no service has (semantic conventions for RPC), as errors are counted under it. */
const UNMATCHED: Readonly<Record<string, string>> = { _OTHER: 'unmatched' };

/** Reads the fields of HTTP, or else those of gRPC. */
export function answerFields(attributes: Attributes): AnswerFields {
  const method = attributes[RPC_FIELDS.method];
  if (method !== undefined) {
    return {
      method: String(attributes[RPC_FIELDS.system] ?? 'rpc'),
      route: UNMATCHED[String(method)] ?? `/${method}`,
      status: number(attributes[RPC_FIELDS.status]),
    };
  }
  return {
    method: text(attributes[FIELDS.method]),
    route: text(attributes[FIELDS.route]),
    status: number(attributes[FIELDS.statusCode]),
  };
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function number(value: unknown): number | undefined {
  const read = Number(value ?? Number.NaN);
  return Number.isNaN(read) ? undefined : read;
}
