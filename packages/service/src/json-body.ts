/**
 * Reads a JSON body so that nothing malformed gets past the door.
 *
 * @module
 */
import { UnsupportedMediaTypeError, ValidationError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';

const MAX_DEPTH = 32;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Refuses a body that is not `application/json` (415), and one that is not UTF-8, not JSON, nested
 * deeper than 32 levels or holding NUL characters, which PostgreSQL cannot store (422).
 */
export function jsonBody(): MiddlewareHandler {
  return async (c, next) => {
    const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (mediaType !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(mediaType)) {
      throw new UnsupportedMediaTypeError('Send the body as application/json.', {
        context: { content_type: mediaType.slice(0, 100) },
      });
    }
    checkJson(new Uint8Array(await c.req.arrayBuffer()));
    await next();
  };
}

/** @throws {ValidationError} naming the first thing that is wrong with the bytes. */
export function checkJson(bytes: Uint8Array): void {
  const value = parse(decode(bytes));
  const problem = findProblem(value, 0);
  if (problem) throw malformed(problem, `The body ${problem.replaceAll('_', ' ')}.`);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('invalid_utf8', 'The body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('malformed_json', 'The body is not valid JSON.');
  }
}

function findProblem(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? 'contains_nul' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return 'is_nested_too_deeply';
  for (const [key, item] of Object.entries(value)) {
    const problem = key.includes('\0') ? 'contains_nul' : findProblem(item, depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

function malformed(rule: string, message: string): ValidationError {
  return new ValidationError(message, [{ path: 'body', rule, message }]);
}
