/**
 * How PostgreSQL's errors read in the contract, by SQLSTATE.
 *
 * @module
 */
import {
  AlreadyExistsError,
  type AppError,
  ConflictError,
  DatabaseError,
  DatabaseUnavailableError,
  onLibraryError,
  ValidationError,
} from '@breakwater/errors';
import pg from 'pg';

/** The parts of an error of `pg` that are used; none of its texts reaches a client. */
interface SqlError extends Error {
  readonly code?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly detail?: string | undefined;
  readonly constraint?: string | undefined;
}

/** Connection errors of Node and of `pg`, which have no SQLSTATE. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const CONNECTION_MESSAGES =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|server closed the connection/i;

onLibraryError(
  (error) => findSqlError(error) !== undefined,
  (error) => fromSqlError(findSqlError(error) as SqlError),
);

/** The driver's error itself or, below drizzle's wrapper, its cause. */
function findSqlError(error: unknown): SqlError | undefined {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 4; e = e.cause, depth++) {
    if (e instanceof pg.DatabaseError || isConnectionError(e)) return e;
  }
  return undefined;
}

function isConnectionError(error: SqlError): boolean {
  if (CONNECTION_MESSAGES.test(error.message)) return true;
  const fromSocket = CONNECTION_CODES.has(error.code ?? '');
  return fromSocket && ('syscall' in error || error instanceof AggregateError);
}

function fromSqlError(cause: SqlError): AppError {
  const internal = { sqlstate: cause.code, constraint: cause.constraint };
  const state = cause.code ?? '';
  if (isConnectionError(cause) || isTransient(state)) {
    return new DatabaseUnavailableError('The database is unavailable.', { cause, internal });
  }
  switch (state) {
    case '23505':
      return uniqueViolation(cause, internal);
    case '23503':
      return new ConflictError('The request refers to something that is not there, or is in use.', {
        cause,
        internal,
      });
    case '23502':
    case '23514':
      return new ValidationError(
        'A value is missing or not allowed.',
        [{ path: cause.column ?? 'body', rule: 'database_constraint', message: 'is not allowed' }],
        { cause, internal },
      );
    case '22021':
    case '22001':
    case '22003':
      return new ValidationError('A value cannot be stored.', [], { cause, internal });
    default:
      return new DatabaseError('The database refused the request.', { cause, internal });
  }
}

/**
 * Classes 08 (connection), 53 (resources), 57P (shutdown) and 40 (serialization, deadlock), and a
 * statement that was cancelled for taking too long.
 */
function isTransient(state: string): boolean {
  return /^(?:08|53|57P|40)/.test(state) || state === '57014' || state === '55P03';
}

function uniqueViolation(cause: SqlError, internal: Record<string, unknown>): AppError {
  const field = cause.detail?.match(/^Key \((?:lower\()?"?(\w+)"?/)?.[1];
  const resource = cause.table?.replace(/s$/, '');
  const value = cause.detail?.match(/=\((.*)\) already exists/)?.[1];
  if (field === undefined || resource === undefined || value === undefined) {
    return new ConflictError('This exists already.', { cause, internal });
  }
  return new AlreadyExistsError(resource, field, value, { cause, internal });
}
