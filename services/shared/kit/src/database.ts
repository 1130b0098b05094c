/**
 * A service's own PostgreSQL database: made when missing, migrated, pooled.
 *
 * @module
 */
import { DatabaseError, DatabaseTimeoutError, DatabaseUnavailableError } from '@breakwater/errors';
import type { Logger } from '@breakwater/otel';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { databaseErrors } from './database-errors.ts';
import { markErrors } from './own-errors.ts';

/** What an operation that needs the database can answer; for `errors` of the service or a route. */
export const DATABASE_ERRORS = [
  DatabaseUnavailableError,
  DatabaseTimeoutError,
  DatabaseError,
] as const;

/** An open database. */
export interface Database<Schema extends Record<string, unknown> = Record<string, never>> {
  readonly db: NodePgDatabase<Schema>;
  readonly pool: pg.Pool;
  /** For the readiness check. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions<Schema extends Record<string, unknown>> {
  /**
   * `postgres://role:password@host:port/database`. The role owns the database; where it may create
   * databases, that need not exist.
   */
  readonly url: string;
  readonly schema: Schema;
  /** Folder of drizzle migrations. */
  readonly migrations: string;
  readonly logger: Logger;
  /** Most connections at once. Default: 10. */
  readonly maxConnections?: number;
}

/** A server that is down must be noticed well within a request's deadline; in milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;
/** A start has more patience: a machine that starts everything at once is slow; in milliseconds. */
const START_TIMEOUT_MS = 10_000;
/** No statement of a request may outlive the request by much; in milliseconds. */
const STATEMENT_TIMEOUT_MS = 1_500;
/** A server that hangs cannot cancel its statement: then nobody waits for it; in milliseconds. */
const QUERY_TIMEOUT_MS = 1_800;
/** Any number will do, as long as every starting service uses the same. */
const CREATE_LOCK = 8_087;
const MIGRATE_LOCK = 8_088;
const NO_SUCH_DATABASE = '3D000';
const INSUFFICIENT_PRIVILEGE = '42501';
const FEATURE_NOT_SUPPORTED = '0A000';

/**
 * Opens the database, migrated and, where it is missing, made first. Several processes may do so at
 * once.
 *
 * @throws when the server cannot be reached or a migration fails.
 */
export async function openDatabase<Schema extends Record<string, unknown>>(
  options: DatabaseOptions<Schema>,
): Promise<Database<Schema>> {
  await migrateDatabase(options.url, options.migrations);
  const pool = markErrors(
    new ContextualPool({
      connectionString: options.url,
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    }),
  );
  // A connection that breaks while idle belongs to no request; the next request gets a fresh one.
  pool.on('error', (error) =>
    options.logger.warn('an idle database connection broke', {
      'exception.message': error.message,
    }),
  );
  return {
    db: withReleasedTransactions(drizzle(pool, { schema: options.schema }), pool, options.schema),
    pool,
    ping: async () => void (await pool.query('select 1')),
    close: () => pool.end(),
  };
}

/**
 * A connection that breaks says so twice: to the statement at hand, which is answered, and as an
 * event, which would end the process if nobody listened.
 */
const ignore = () => {};

/**
 * Where a query waits for a connection, pg-pool calls it back from whoever gave one back, and its
 * span would stand in that request's trace. What waits for a promise goes on in its own.
 */
class ContextualPool extends pg.Pool {
  override query = (async (...query: Query) => {
    for (let stale = 0; ; stale++) {
      try {
        return await queryOnce(this, query);
      } catch (error) {
        // Nothing was done yet; each connection has to be told once that a table has changed.
        if (!isStalePlan(error) || stale > this.options.max) throw error;
      }
    }
  }) as unknown as pg.Pool['query'];
}

type Query = Parameters<pg.Client['query']>;

async function queryOnce(pool: pg.Pool, query: Query): Promise<unknown> {
  const client = await pool.connect();
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    return await client.query(...query);
  } catch (error) {
    // What the server refused has not hurt the connection; anything else may have.
    const refused = error instanceof pg.DatabaseError && error.severity === 'ERROR';
    if (!refused || isStalePlan(error)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
    client.off('error', ignore);
  }
}

/**
 * A migration has changed the type of what a prepared statement reads: PostgreSQL refuses the
 * statement on this connection for good ("cached plan must not change result type").
 */
function isStalePlan(error: unknown): boolean {
  const { message = '', cause } = error as { message?: string; cause?: unknown };
  if (sqlState(error) !== FEATURE_NOT_SUPPORTED) return false;
  return /cached plan/.test(message) || (cause !== undefined && isStalePlan(cause));
}

/**
 * drizzle begins a transaction before it minds the connection: when `begin` itself fails, the
 * connection is never given back, and a database that comes and goes drains the pool for good. Here
 * it is given back whatever happens, and not used again after a failure of the database.
 */
function withReleasedTransactions<Schema extends Record<string, unknown>>(
  db: NodePgDatabase<Schema>,
  pool: pg.Pool,
  schema: Schema,
): NodePgDatabase<Schema> {
  const transaction: NodePgDatabase<Schema>['transaction'] = async (work, config) => {
    const client = await pool.connect();
    client.on('error', ignore);
    let broken = false;
    try {
      return await drizzle(client, { schema }).transaction(work, config);
    } catch (error) {
      broken = databaseErrors(error) instanceof DatabaseUnavailableError || isStalePlan(error);
      throw error;
    } finally {
      client.release(broken);
      client.off('error', ignore);
    }
  };
  return Object.assign(db, { transaction });
}

/** On a connection of its own: a migration may take longer than any request. */
async function migrateDatabase(url: string, migrationsFolder: string): Promise<void> {
  const client = (await connect(url)) ?? (await createDatabase(url));
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATE_LOCK]);
    await migrate(drizzle(client), { migrationsFolder });
  } catch (cause) {
    if (sqlState(cause) !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new Error(
      `the role ${client.user} may not migrate the database ${client.database}: make it the owner of what is there`,
      { cause },
    );
  } finally {
    await client.end();
  }
}

/**
 * Makes the database, on a server whose role may; that of the stack has one for each service.
 *
 * @returns a connection to it
 */
async function createDatabase(url: string): Promise<pg.Client> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const client = await connect(target.href).catch((cause) => {
    throw sqlState(cause) === INSUFFICIENT_PRIVILEGE ? mayNotCreate(name, cause) : cause;
  });
  if (!client) throw new Error(`there is no database ${name}, and none from which to make it`);
  try {
    await client.query('select pg_advisory_lock($1)', [CREATE_LOCK]);
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0)
      await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (cause) {
    throw sqlState(cause) === INSUFFICIENT_PRIVILEGE ? mayNotCreate(name, cause) : cause;
  } finally {
    await client.end();
  }
  const made = await connect(url);
  if (!made) throw new Error(`the database ${name} was removed as soon as it was made`);
  return made;
}

function mayNotCreate(name: string, cause: unknown): Error {
  return new Error(`there is no database ${name}, and its role may not make one: make it`, {
    cause,
  });
}

/**
 * @returns undefined when there is no such database
 * @throws {DatabaseUnavailableError} with the server's place when it cannot be reached
 */
async function connect(url: string): Promise<pg.Client | undefined> {
  const { hostname, port } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: START_TIMEOUT_MS,
  });
  try {
    await client.connect();
    return client;
  } catch (cause) {
    const state = sqlState(cause);
    if (state === NO_SUCH_DATABASE) return undefined;
    if (state === INSUFFICIENT_PRIVILEGE) throw cause;
    const place = `${hostname}:${port || 5432}`;
    if (state && /^28/.test(state)) {
      throw new Error(
        `PostgreSQL at ${place} refuses ${client.user}: ${(cause as Error).message}`,
        {
          cause,
        },
      );
    }
    throw new DatabaseUnavailableError(`PostgreSQL does not answer at ${place}`, { cause });
  }
}

/** SQLSTATE of an error of the server, also below one of drizzle. */
function sqlState(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  return cause ? sqlState(cause) : undefined;
}
