/**
 * A service's own PostgreSQL database: made when missing, migrated, pooled.
 *
 * @module
 */
import { DatabaseError, DatabaseUnavailableError, toAppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/otel';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import './database-errors.ts';

/** What an operation that needs the database can answer; for `errors` of the service or a route. */
export const DATABASE_ERRORS = [DatabaseUnavailableError, DatabaseError] as const;

/** An open database. */
export interface Database<Schema extends Record<string, unknown> = Record<string, never>> {
  readonly db: NodePgDatabase<Schema>;
  readonly pool: pg.Pool;
  /** For the readiness check. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions<Schema extends Record<string, unknown>> {
  /** `postgres://user:password@host:port/database`; the database need not exist. */
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

/**
 * Opens the database, creating and migrating it first. Several processes may do so at once.
 *
 * @throws when the server cannot be reached or a migration fails.
 */
export async function openDatabase<Schema extends Record<string, unknown>>(
  options: DatabaseOptions<Schema>,
): Promise<Database<Schema>> {
  await createDatabase(options.url);
  await migrateDatabase(options.url, options.migrations);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
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
    // A connection that breaks says so twice: to the statement at hand, which is answered, and as
    // an event, which would end the process if nobody listened.
    const ignore = () => {};
    client.on('error', ignore);
    let broken = false;
    try {
      return await drizzle(client, { schema }).transaction(work, config);
    } catch (error) {
      broken = toAppError(error) instanceof DatabaseUnavailableError;
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
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: START_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATE_LOCK]);
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}

async function createDatabase(url: string): Promise<void> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const client = new pg.Client({
    connectionString: target.href,
    connectionTimeoutMillis: START_TIMEOUT_MS,
  });
  try {
    await client.connect();
  } catch (cause) {
    throw new DatabaseUnavailableError(
      `PostgreSQL does not answer at ${target.hostname}:${target.port || 5432}`,
      { cause },
    );
  }
  try {
    await client.query('select pg_advisory_lock($1)', [CREATE_LOCK]);
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0)
      await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
