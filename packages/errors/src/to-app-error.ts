/**
 * Turns whatever was thrown into an error of the contract.
 *
 * @module
 */
import { AppError, InternalError } from './app-error.ts';

/** Reads the errors of one library in the contract; undefined for those it does not know. */
export type ErrorMapping = (error: unknown) => AppError | undefined;

/**
 * The contract's error for anything thrown: itself if it is one, what the first mapping that knows
 * it makes of it, and else an {@link InternalError} with the thrown value as its cause. Never
 * throws; a mapping that does is passed over.
 *
 * A mapping must know the errors of its own library from those of others: a refused connection
 * looks the same whoever made it.
 *
 * @example
 * const zodErrors: ErrorMapping = (error) =>
 *   error instanceof ZodError
 *     ? new ValidationError('The request does not match its schema.', fieldsOf(error))
 *     : undefined;
 * const read = toAppError(thrown, [zodErrors]);
 */
export function toAppError(thrown: unknown, mappings: readonly ErrorMapping[] = []): AppError {
  if (thrown instanceof AppError) return thrown;
  for (const mapping of mappings) {
    try {
      const mapped = mapping(thrown);
      if (mapped) return mapped;
    } catch {
      // A mapping's own bug must not hide the error it was asked about.
    }
  }
  return new InternalError(thrown);
}
