/**
 * Reads that may fail without taking the page along.
 *
 * @module
 */
import { BackendError } from '@breakwater/timeline';

/**
 * The value, or undefined with a sentence in `problems` when its source does not work: what could
 * not be read is not known, which is another thing than none.
 */
export async function attempt<T>(reading: Promise<T>, problems: string[]): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const known = error instanceof BackendError;
    problems.push(known ? `${error.message}.` : `Something could not be read: ${String(error)}`);
    return undefined;
  }
}
