/**
 * Reads that may fail without taking the page along.
 *
 * @module
 */
import { BackendError } from '@breakwater/story';

/** The value, or `fallback` with a sentence in `problems` when its source does not work. */
export async function attempt<T>(reading: Promise<T>, fallback: T, problems: string[]): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const known = error instanceof BackendError;
    problems.push(known ? `${error.message}.` : `Something could not be read: ${String(error)}`);
    return fallback;
  }
}
