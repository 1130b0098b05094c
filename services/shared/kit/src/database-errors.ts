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
  DatabaseTimeoutError,
  DatabaseUnavailableError,
  type ErrorMapping,
  InternalError,
  ValidationError,
} from '@breakwater/errors';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import pg from 'pg';
import { isOwn } from './own-errors.ts';

/** The parts of an error of `pg` that are used; none of its texts reaches a client. */
interface SqlError extends Error {
  readonly code?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly detail?: string | undefined;
  readonly constraint?: string | undefined;
}

/** Connection errors of Node, which have no SQLSTATE. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/** What `pg` and its pool say when a connection cannot be had, breaks, or does not answer. */
const CONNECTION_MESSAGES = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
]);

/**
 * Reads what `pg` and drizzle throw. Connection errors are the database's only where they come from
 * the pool of `openDatabase`: the same error of another library's connection is not.
 *
 * @example
 * createService({ name: 'catalog', errors: DATABASE_ERRORS, errorMappings: [databaseErrors], … });
 */
export const databaseErrors: ErrorMapping = (error) => {
  const found = findSqlError(error);
  if (found) return fromSqlError(found);
  // Its own message holds the values of the statement, secrets among them.
  return error instanceof DrizzleQueryError
    ? new InternalError(error.cause ?? new Error('a query failed'))
    : undefined;
};

/** The driver's error itself or, below drizzle's wrapper, its cause. */
function findSqlError(error: unknown): SqlError | undefined {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 4; e = e.cause, depth++) {
    if (e instanceof pg.DatabaseError || (isOwn(e) && isConnectionError(e))) return e;
  }
  return undefined;
}

function isConnectionError(error: SqlError): boolean {
  if (CONNECTION_MESSAGES.has(error.message)) return true;
  const fromSocket = CONNECTION_CODES.has(error.code ?? '');
  return fromSocket && ('syscall' in error || error instanceof AggregateError);
}

function fromSqlError(cause: SqlError): AppError {
  const internal = { sqlstate: cause.code, constraint: cause.constraint };
  const state = cause.code ?? '';
  if (!(cause instanceof pg.DatabaseError) || isTransient(state)) {
    return new DatabaseUnavailableError('The database is unavailable.', { cause, internal });
  }
  switch (state) {
    case '57014':
      return new DatabaseTimeoutError('The database did not finish in time.', { cause, internal });
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
 * Classes 08 (connection), 53 (resources), 57P (shutdown) and 40 (serialization, deadlock), a lock
 * that was waited for too long, and a server that is not the primary.
 */
function isTransient(state: string): boolean {
  return /^(?:08|53|57P|40)/.test(state) || ['55P03', '25006'].includes(state);
}

/** `Key (email)=(a@b.c) already exists.`, also for an index on `lower(email)`; one column only. */
const ONE_COLUMN = /^Key \((?:lower\()?"?(\w+)"?(?:::\w+)?\)?\)=\((.*)\) already exists\.$/s;

function uniqueViolation(cause: SqlError, internal: Record<string, unknown>): AppError {
  const [, field, value] = cause.detail?.match(ONE_COLUMN) ?? [];
  const resource = cause.table?.replace(/s$/, '').replaceAll('_', ' ');
  if (field === undefined || resource === undefined || value === undefined) {
    return new ConflictError('This exists already.', { cause, internal });
  }
  return new AlreadyExistsError(resource, field, value, { cause, internal });
}
