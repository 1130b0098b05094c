/**
 * What a Protobuf message asks for, by the same schema as the JSON of a request over HTTP.
 *
 * @module
 */
import { ValidationError } from '@breakwater/errors';
import type { z } from 'zod';

/**
 * @example
 * const request = parseMessage(paymentRequest, { order_id: message.orderId, … });
 * @throws {ValidationError} naming the fields that do not match
 */
export function parseMessage<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, code, message }) => ({
    path: path.map(String).join('.'),
    rule: code,
    message,
  }));
  throw new ValidationError(
    `The message does not match its schema: ${fields.map(({ path }) => path).join(', ')}.`,
    fields,
  );
}
