/**
 * The file of requests that `verify` sends.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { CommandError, UsageError } from '../errors.ts';

/** One request and what is expected of its response. */
export interface PlannedRequest {
  /** Default: GET. */
  readonly method: string;
  /** Begins with a slash; a query may follow. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, as JSON otherwise; undefined: none. */
  readonly body: unknown;
  /** The status that is expected; undefined: any. */
  readonly expect: number | undefined;
}

const KEYS = ['method', 'path', 'headers', 'body', 'expect'];

/**
 * Reads a list of `{method?, path, headers?, body?, expect?}` in JSON.
 *
 * @throws {UsageError} naming the first request that cannot be understood
 */
export function readRequestsFile(file: string): PlannedRequest[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseRequests(text, file);
}

/** @throws {UsageError} */
export function parseRequests(text: string, file: string): PlannedRequest[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(parsed) || parsed.length === 0) {
    throw new UsageError(`${file} is no list of requests, such as [{ "path": "/todos/7" }]`);
  }
  return parsed.map((each, i) => {
    try {
      return readRequest(each);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new UsageError(`request ${i + 1} of ${file}: ${error.message}`);
    }
  });
}

function readRequest(value: unknown): PlannedRequest {
  if (typeof value !== 'object' || value === null) throw new UsageError('it is no object');
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`there is no "${unknown}", only ${KEYS.join(', ')}`);
  }
  const { method = 'GET', path, headers = {}, body, expect } = value as Record<string, unknown>;
  if (typeof method !== 'string' || !/^[A-Za-z]+$/.test(method)) {
    throw new UsageError('"method" is a word, such as "POST"');
  }
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw new UsageError('"path" is a text that begins with a slash');
  }
  const texts =
    typeof headers === 'object' && headers !== null ? Object.values(headers) : [headers];
  if (!texts.every((each) => typeof each === 'string')) {
    throw new UsageError('"headers" is an object of texts');
  }
  if (
    expect !== undefined &&
    !(Number.isInteger(expect) && Number(expect) >= 100 && Number(expect) <= 599)
  ) {
    throw new UsageError('"expect" is a status, such as 404');
  }
  return {
    method: method.toUpperCase(),
    path,
    headers: headers as Record<string, string>,
    body,
    expect: expect as number | undefined,
  };
}
