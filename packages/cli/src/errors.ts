/**
 * Failures of a command that one sentence explains.
 *
 * @module
 */

/** Says what to do next; it is printed without a stack, and the exit code is 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The command line itself is wrong; the usage is printed and the exit code is 2. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}
