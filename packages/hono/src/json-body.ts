/**
 * Reads a JSON body so that nothing malformed gets in.
 *
 * @module
 */
import { UnsupportedMediaTypeError, ValidationError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';

const MAX_DEPTH = 32;
// A byte order mark is left where it is, and is no JSON: RFC 8259, section 8.1.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Refuses a body that is not plain `application/json` in UTF-8, as its headers tell (415), and one
 * that is not UTF-8, not JSON, nested deeper than 32 levels or holding what is no text: NUL, which
 * PostgreSQL cannot store, and halves of surrogate pairs, which it would store as something else
 * (422).
 */
export const jsonBody: MiddlewareHandler = async (c, next) => {
  checkHeaders(c.req.header('content-type') ?? '', c.req.header('content-encoding'));
  checkJson(new Uint8Array(await c.req.arrayBuffer()));
  await next();
};

/** @throws {UnsupportedMediaTypeError} */
function checkHeaders(contentType: string, coding = 'identity'): void {
  const [mediaType = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((s) => s.trim());
  const isJson = mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (!isJson || (charset && !/^charset="?utf-?8"?$/.test(charset))) {
    throw new UnsupportedMediaTypeError('Send the body as application/json, in UTF-8.', {
      context: { content_type: contentType.slice(0, 100) },
    });
  }
  if (coding.trim().toLowerCase() !== 'identity') {
    throw new UnsupportedMediaTypeError('Send the body without a content coding.', {
      context: { content_encoding: coding.slice(0, 100) },
    });
  }
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
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return 'is_nested_too_deeply';
  for (const [key, item] of Object.entries(value)) {
    const problem = textProblem(key) ?? findProblem(item, depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'contains_nul';
  return text.isWellFormed() ? undefined : 'contains_half_a_surrogate_pair';
}

function malformed(rule: string, message: string): ValidationError {
  return new ValidationError(message, [{ path: 'body', rule, message }]);
}
