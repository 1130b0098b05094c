/**
 * Turns whatever was thrown into an error of the contract, most specific rule first.
 *
 * @module
 */
import { AppError, InternalError } from './app-error.ts';

/** Maps the errors of one library; returns undefined for those it does not know. */
export type ErrorMapping = (error: unknown) => AppError | undefined;

const mappings: ErrorMapping[] = [];

/**
 * Registers how a library's errors read in the contract. Later registrations go first; a mapping
 * that throws is passed over.
 *
 * @returns a function that takes the registration back.
 * @example
 * onLibraryError(
 *   (error) => error instanceof ZodError,
 *   (error) => new ValidationError('The request does not match its schema.', fieldsOf(error)),
 * );
 */
export function onLibraryError<E>(
  test: (error: unknown) => error is E,
  map: (error: E) => AppError,
): () => void;
export function onLibraryError(
  test: (error: unknown) => boolean,
  map: (error: unknown) => AppError,
): () => void;
export function onLibraryError(
  test: (error: never) => boolean,
  map: (error: never) => AppError,
): () => void {
  const mapping: ErrorMapping = (error) => (test(error as never) ? map(error as never) : undefined);
  mappings.unshift(mapping);
  return () => {
    const index = mappings.indexOf(mapping);
    if (index >= 0) mappings.splice(index, 1);
  };
}

/**
 * The contract's error for anything thrown: itself if it is one, what a registered mapping makes
 * of it, and else an {@link InternalError} with the thrown value as its cause. Never throws.
 */
export function toAppError(thrown: unknown): AppError {
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
