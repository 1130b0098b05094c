/**
 * Whose doing it is that the time for a request is over.
 *
 * @module
 */
import type { ErrorKind } from './kind.ts';
import { DeadlineExceededError } from './technical-errors.ts';

/** `DEADLINE_EXCEEDED` on the wire, so that every caller knows it; the client's doing in our books. */
const KIND: ErrorKind = {
  ...DeadlineExceededError.kind,
  type: 'client',
  logLevel: 'info',
  alerts: false,
  operator: 'Nothing here: the caller allowed less time than the service gives itself.',
};

/**
 * The time that the caller allowed is over, and it was less than the service's own. The answer is
 * the same 504; it is no technical error of the service, and no part of its error rate.
 */
export class CallerDeadlineError extends DeadlineExceededError {
  constructor(below: DeadlineExceededError) {
    const { message, context, internal, cause } = below;
    super(message, { kind: KIND, context, internal, ...(cause === undefined ? {} : { cause }) });
  }
}
