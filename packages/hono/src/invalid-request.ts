/**
 * What a request that does not match its schema is refused with.
 *
 * @module
 */
import { ValidationError } from '@breakwater/errors';

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
}

/** The outcome of a check, as the `defaultHook` of an app is told of it. */
type Checked =
  | { readonly success: true }
  | {
      readonly success: false;
      readonly target: string;
      readonly error: { readonly issues: readonly SchemaIssue[] };
    };

/** The `defaultHook` of every app. @throws {ValidationError} naming the fields that do not match */
export function refuseInvalid(result: Checked): void {
  if (result.success) return;
  const { target, error } = result;
  const fields = error.issues.map(({ path, code, message }) => ({
    path: [target === 'json' ? 'body' : target, ...path.map(String)].join('.'),
    rule: code,
    message,
  }));
  throw new ValidationError(
    `The request does not match its schema: ${fields.map(({ path }) => path).join(', ')}.`,
    fields,
  );
}
