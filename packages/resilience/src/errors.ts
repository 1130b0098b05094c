/**
 * The errors of calls that this process did not let through or did not wait for.
 *
 * @module
 */
import {
  DeadlineExceededError,
  type Delivery,
  DependencyTimeoutError,
  DependencyUnavailableError,
  defineKind,
  type ErrorKind,
  RequestCancelledError,
} from '@breakwater/errors';

/** A circuit refused the call: nothing was sent. 503, with the time to the next probe. */
export class CircuitOpenError extends DependencyUnavailableError {
  static override readonly kind: ErrorKind = defineKind(DependencyUnavailableError.kind, {
    name: 'CircuitOpenError',
    code: 'CIRCUIT_OPEN',
    meaning: 'Something the service depends on keeps failing, and calls to it are paused.',
    client: 'Retry after Retry-After seconds: then the dependency is tried again.',
    operator: 'Find the line of the transition to open: its trace_id is a call that failed.',
  });

  constructor(dependency: string, retryAfterS?: number) {
    super(dependency, retryAfterS === undefined ? NOT_SENT : { delivery: 'not_sent', retryAfterS });
  }
}

/** Somebody isolated the circuit by hand: nothing was sent. 503. */
export class CircuitIsolatedError extends CircuitOpenError {
  static override readonly kind: ErrorKind = defineKind(CircuitOpenError.kind, {
    name: 'CircuitIsolatedError',
    code: 'CIRCUIT_ISOLATED',
    alerts: false,
    meaning: 'Calls to something the service depends on were paused by hand.',
    operator: 'GET /breakers says who isolated it, why, and when that ends.',
  });
}

/** As many calls as are allowed are under way already: nothing was sent. 503. */
export class BulkheadFullError extends DependencyUnavailableError {
  static override readonly kind: ErrorKind = defineKind(DependencyUnavailableError.kind, {
    name: 'BulkheadFullError',
    code: 'BULKHEAD_FULL',
    meaning: 'As many calls as are allowed to something the service depends on are under way.',
    client: 'Retry after Retry-After seconds.',
    operator: 'The dependency is slow, or the bulkhead is too small for the load.',
  });

  constructor(dependency: string) {
    super(dependency, NOT_SENT);
  }
}

const NOT_SENT = { delivery: 'not_sent' } as const;

/**
 * Makes an error without a stack. A stack of a rejection says only where the circuit is looked at,
 * and costs four times the whole rejection, at the moment when there are most of them.
 */
export function withoutStack<E>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The dependency had its whole timeout and did not answer: a failure of the dependency. */
export function attemptTimedOut(dependency: string, timeoutMs: number): DependencyTimeoutError {
  return withoutStack(
    () => new DependencyTimeoutError(dependency, { context: { timeout_ms: timeoutMs } }),
  );
}

/** The caller's deadline has passed, or leaves too little: no failure of the dependency. */
export function deadlineExceeded(
  dependency: string,
  delivery: Delivery,
  cause?: unknown,
): DeadlineExceededError {
  return withoutStack(
    () =>
      new DeadlineExceededError('The time for this request is used up.', {
        context: { dependency },
        internal: { delivery },
        ...(cause === undefined ? {} : { cause }),
      }),
  );
}

/** The caller went away: no failure of the dependency. */
export function callCancelled(
  dependency: string,
  delivery: Delivery,
  cause: unknown,
): RequestCancelledError {
  return withoutStack(
    () =>
      new RequestCancelledError('The request was cancelled by its caller.', {
        context: { dependency },
        internal: { delivery },
        cause,
      }),
  );
}
