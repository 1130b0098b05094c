/** A failure that one sentence explains; it says what to do next and is printed without a stack. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** The command line itself is wrong; the usage is printed and the exit code is 2. */
export class UsageError extends StackError {}
