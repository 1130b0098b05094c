/**
 * We, or something we depend on, failed. Told apart by what is known about the dependency's side.
 *
 * @module
 */
import { AppError, type AppErrorOptions } from './app-error.ts';
import { defineKind, type ErrorKind } from './kind.ts';

/**
 * What became of a request to a dependency: it was never sent, an answer came back, or nobody
 * knows. Only `not_sent` makes it safe to repeat an operation that is not idempotent.
 */
export type Delivery = 'not_sent' | 'answered' | 'unknown';

export interface DependencyErrorOptions extends AppErrorOptions {
  readonly delivery?: Delivery;
}

/** Something this service depends on let it down; the members of this family say how. */
export class DependencyError extends AppError {
  static override readonly kind: ErrorKind = defineKind(AppError.kind, {
    name: 'DependencyError',
    code: 'DEPENDENCY_ERROR',
    status: 502,
    retryable: true,
    meaning: 'Something the service depends on failed.',
    client: 'Retry after Retry-After seconds if the operation is idempotent.',
    operator: 'context.dependency says which; look at its circuit and its own error lines.',
  });

  constructor(dependency: string, message: string, options: DependencyErrorOptions = {}) {
    super(message, {
      ...options,
      context: { dependency, ...options.context },
      internal: { delivery: options.delivery ?? 'answered', ...options.internal },
    });
  }

  get dependency(): string {
    return String(this.context.dependency ?? 'unknown');
  }

  /** See {@link Delivery}. */
  get delivery(): Delivery {
    return (this.internal.delivery as Delivery | undefined) ?? 'answered';
  }
}

/** The dependency answered badly: an error of its own, or something unreadable. 502. */
export class BadGatewayError extends DependencyError {
  static override readonly kind: ErrorKind = defineKind(DependencyError.kind, {
    name: 'BadGatewayError',
    code: 'BAD_GATEWAY',
    meaning: 'Something the service depends on answered with an error or with nonsense.',
  });

  constructor(dependency: string, options: DependencyErrorOptions = {}) {
    super(dependency, `${dependency} answered badly.`, options);
  }
}

/** The dependency cannot be reached or says that it is down. 503. */
export class DependencyUnavailableError extends DependencyError {
  static override readonly kind: ErrorKind = defineKind(DependencyError.kind, {
    name: 'DependencyUnavailableError',
    code: 'DEPENDENCY_UNAVAILABLE',
    status: 503,
    meaning: 'Something the service depends on is unavailable.',
  });

  constructor(dependency: string, options: DependencyErrorOptions = {}) {
    super(dependency, `${dependency} is unavailable.`, options);
  }
}

/** The dependency did not answer in time; whether it did the work is not known. 504. */
export class DependencyTimeoutError extends DependencyError {
  static override readonly kind: ErrorKind = defineKind(DependencyError.kind, {
    name: 'DependencyTimeoutError',
    code: 'DEPENDENCY_TIMEOUT',
    status: 504,
    meaning: 'Something the service depends on did not answer in time.',
  });

  constructor(dependency: string, options: DependencyErrorOptions = {}) {
    super(dependency, `${dependency} did not answer in time.`, { delivery: 'unknown', ...options });
  }
}

/** The deadline of the request, its caller's or the service's own, was over before the work. 504. */
export class DeadlineExceededError extends AppError {
  static override readonly kind: ErrorKind = defineKind(AppError.kind, {
    name: 'DeadlineExceededError',
    code: 'DEADLINE_EXCEEDED',
    status: 504,
    retryable: true,
    meaning: 'The time for the request was used up before the work was done.',
    client: 'Allow more time, or retry if the operation is idempotent.',
    operator: 'Look for the slow span in the trace.',
  });
}

/** The service itself has more work than it can do. 503. */
export class OverloadedError extends AppError {
  static override readonly kind: ErrorKind = defineKind(AppError.kind, {
    name: 'OverloadedError',
    code: 'OVERLOADED',
    status: 503,
    retryable: true,
    meaning: 'The service has more requests in flight than it can serve in time.',
    client: 'Retry after Retry-After seconds.',
    operator: 'Add capacity, or find what makes requests slow.',
  });
}

/** The database refused or failed a statement. 500; the members of this family say more. */
export class DatabaseError extends AppError {
  static override readonly kind: ErrorKind = defineKind(AppError.kind, {
    name: 'DatabaseError',
    code: 'DATABASE_ERROR',
    meaning: 'The database refused a statement.',
    operator: 'The error line holds the SQLSTATE; the statement is on the database span.',
  });
}

/** The database cannot be reached, or asks to try again. 503. */
export class DatabaseUnavailableError extends DatabaseError {
  static override readonly kind: ErrorKind = defineKind(DatabaseError.kind, {
    name: 'DatabaseUnavailableError',
    code: 'DATABASE_UNAVAILABLE',
    status: 503,
    retryable: true,
    meaning: 'The database cannot be reached, or asks to try again.',
    client: 'Retry after Retry-After seconds.',
    operator: 'Check that PostgreSQL runs and has free connections.',
  });
}

/** The database took longer for a statement than it may, and undid it. 504. */
export class DatabaseTimeoutError extends DatabaseError {
  static override readonly kind: ErrorKind = defineKind(DatabaseError.kind, {
    name: 'DatabaseTimeoutError',
    code: 'DATABASE_TIMEOUT',
    status: 504,
    meaning: 'The database did not finish a statement in the time it has, and undid it.',
    client: 'Nothing: the same request will most likely take as long again.',
    operator: 'Look for a plan that changed, or for who holds a lock: pg_stat_activity says.',
  });
}
