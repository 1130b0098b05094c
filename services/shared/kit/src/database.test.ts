import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import {
  type AppError,
  DatabaseError,
  DatabaseUnavailableError,
  InternalError,
  toAppError,
} from '@breakwater/errors';
import { testTelemetry } from '@breakwater/testing';
import { DrizzleQueryError, sql } from 'drizzle-orm';
import { type Database, openDatabase } from './database.ts';
import { databaseErrors } from './database-errors.ts';

const read = (error: unknown) => toAppError(error, [databaseErrors]);

const MIGRATION = `
CREATE TABLE users (
  id serial PRIMARY KEY,
  email text NOT NULL,
  name varchar(10) NOT NULL,
  api_token text UNIQUE,
  age int CHECK (age >= 0),
  boss int REFERENCES users (id),
  town text, street text, UNIQUE (town, street)
);
--> statement-breakpoint
CREATE UNIQUE INDEX users_email_key ON users (lower(email));`;

let postgres: TemporaryPostgres;
let folder: string;
let database: Database;

before(async () => {
  postgres = await temporaryPostgres();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await mkdir(join(folder, 'meta'));
  await writeFile(join(folder, '0000_users.sql'), MIGRATION);
  const entries = [{ idx: 0, version: '7', when: 1, tag: '0000_users', breakpoints: true }];
  await writeFile(
    join(folder, 'meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
  database = await open();
});

after(async () => {
  await database.close();
  await postgres.stop();
  await rm(folder, { recursive: true });
});

const open = (url = postgres.url, maxConnections = 3) =>
  openDatabase({
    url,
    schema: {},
    migrations: folder,
    logger: testTelemetry().logger,
    maxConnections,
  });

/** What the contract makes of the error a statement ends in. */
async function failure(statement: string): Promise<AppError> {
  try {
    await database.db.execute(sql.raw(statement));
  } catch (error) {
    return read(error);
  }
  return assert.fail(`${statement} did not fail`);
}

test('a database that is missing is made, also when several services ask at once', async () => {
  const url = new URL(postgres.superuserUrl);
  url.pathname = '/brand_new';
  const opened = await Promise.all([open(url.href), open(url.href), open(url.href)]);
  for (const { ping, close } of opened) {
    await ping();
    await close();
  }
});

test('a role that may not make its database, or migrate it, is told what to do', async () => {
  const missing = new URL(postgres.url);
  missing.pathname = '/brand_newer';
  await assert.rejects(open(missing.href), {
    message: 'there is no database brand_newer, and its role may not make one: make it',
  });
  const others = await postgres.database('others');
  const opened = await open(postgres.superuserUrl.replace(/[^/]*$/, 'others'));
  await opened.close();
  await assert.rejects(open(others), {
    message: /^the role others may not migrate the database others: make it the owner/,
  });
  const stranger = new URL(postgres.url);
  stranger.username = 'nobody';
  await assert.rejects(open(stranger.href), {
    message: /^PostgreSQL at 127.0.0.1:\d+ refuses nobody: role "nobody" does not exist/,
  });
});

test('each SQLSTATE reads as the contract says, and tells nothing of the database', async () => {
  await database.db.execute(
    sql`insert into users (email, name, api_token, town, street)
        values ('a@b.c', 'ann', 's3cret', 't', 's')`,
  );
  const insert = (columns: string, values: string) =>
    `insert into users (email, name, ${columns}) values ('x@y.z', 'x', ${values})`;
  const raise = (state: string) => `do $$ begin raise 'boom' using errcode = '${state}'; end $$`;
  const cases: [statement: string, code: string, context: unknown][] = [
    [
      "insert into users (email, name) values ('A@B.C', 'x')",
      'EMAIL_ALREADY_EXISTS',
      { resource: 'user', field: 'email', value: 'a@b.c' },
    ],
    [
      insert('api_token', "'s3cret'"),
      'API_TOKEN_ALREADY_EXISTS',
      { resource: 'user', field: 'api_token', value: '[redacted]' },
    ],
    [insert('town, street', "'t', 's'"), 'CONFLICT', {}],
    [insert('boss', '77'), 'CONFLICT', {}],
    [
      "insert into users (name) values ('x')",
      'VALIDATION_ERROR',
      { fields: [{ path: 'email', rule: 'database_constraint', message: 'is not allowed' }] },
    ],
    [
      insert('age', '-1'),
      'VALIDATION_ERROR',
      { fields: [{ path: 'body', rule: 'database_constraint', message: 'is not allowed' }] },
    ],
    [
      "insert into users (email, name) values ('l', 'longer than ten')",
      'VALIDATION_ERROR',
      { fields: [] },
    ],
    [insert('age', '99999999999'), 'VALIDATION_ERROR', { fields: [] }],
    [raise('40001'), 'DATABASE_UNAVAILABLE', {}],
    [raise('40P01'), 'DATABASE_UNAVAILABLE', {}],
    [raise('53300'), 'DATABASE_UNAVAILABLE', {}],
    [raise('57P01'), 'DATABASE_UNAVAILABLE', {}],
    [raise('55P03'), 'DATABASE_UNAVAILABLE', {}],
    [raise('25006'), 'DATABASE_UNAVAILABLE', {}],
    ['select pg_sleep(5)', 'DATABASE_TIMEOUT', {}],
    ['select nonsense from nowhere', 'DATABASE_ERROR', {}],
    ['selec 1', 'DATABASE_ERROR', {}],
  ];
  for (const [statement, code, context] of cases) {
    const error = await failure(statement);
    assert.equal(error.code, code, statement);
    assert.deepEqual(error.context, context, statement);
    assert.match(String(error.internal.sqlstate), /^[0-9A-Z]{5}$/);
    assert.doesNotMatch(
      `${error.message} ${JSON.stringify(error.context)}`,
      /insert|select|users_|_key|constraint "|boom/,
      statement,
    );
  }
});

test('a transaction that the database ends, or its own code, gives its connection back', async () => {
  for (let i = 0; i < 5; i++) {
    await assert.rejects(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
      }),
      (error) => read(error) instanceof DatabaseUnavailableError,
    );
    await assert.rejects(
      database.db.transaction(async () => {
        throw new RangeError('changed my mind');
      }),
      RangeError,
    );
  }
  assert.equal(database.pool.totalCount - database.pool.idleCount, 0);
  const rows = await database.db.transaction((tx) => tx.execute(sql`select 7 as n`));
  assert.deepEqual(rows.rows, [{ n: 7 }]);
});

/** Stands between the service and PostgreSQL, so that the server can hang or go away. */
async function proxy() {
  const { hostname, port } = new URL(postgres.url);
  const sockets = new Set<Socket>();
  let hanging = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => hanging || to.write(bytes));
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
  });
  const listen = async (at = 0) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const url = new URL(postgres.url);
  url.port = String(await listen());
  return {
    url: url.href,
    hang: (on: boolean) => {
      hanging = on;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
    restart: () => listen(Number(url.port)),
  };
}

test('a server that is stopped, or hangs, is 503 in under 2 s, and recovers by itself', async () => {
  const between = await proxy();
  const opened = await open(between.url, 2);
  const query = () => opened.db.execute(sql`select 1`);
  const transaction = () => opened.db.transaction((tx) => tx.execute(sql`select 1`));
  await Promise.all([query(), query()]);

  const failsFast = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await assert.rejects(work(), (error) => read(error) instanceof DatabaseUnavailableError);
    assert.ok(performance.now() - began < 2_000, 'in under 2 s');
  };
  between.hang(true);
  // More often than there are connections: each of them must find its way back.
  for (const work of [query, transaction, transaction, transaction]) await failsFast(work);
  between.hang(false);
  await transaction();

  await between.stop();
  for (const work of [query, transaction, query, opened.ping]) await failsFast(work);
  await between.restart();
  await query();
  await transaction();
  await opened.close();
  await between.stop();
});

test('a server that is not there is told with its place, to whoever starts the service', async () => {
  const url = 'postgres://postgres@127.0.0.1:1/x';
  await assert.rejects(open(url), {
    name: 'DatabaseUnavailableError',
    message: 'PostgreSQL does not answer at 127.0.0.1:1',
  });
});

/** What other libraries throw about connections of their own. */
const OF_OTHERS: Record<string, Error> = {
  'a refused Redis': Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
    ...{ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 6379 },
  }),
  'two refused addresses': Object.assign(
    new AggregateError([new Error('connect ECONNREFUSED ::1:6379')]),
    { code: 'ECONNREFUSED' },
  ),
  'a name nobody knows': Object.assign(new Error('getaddrinfo ENOTFOUND cache'), {
    ...{ code: 'ENOTFOUND', syscall: 'getaddrinfo' },
  }),
  'the words of pg': new Error('timeout expired'),
  'more words of pg': new Error('Connection terminated unexpectedly'),
  'a pool of somebody': new Error('Cannot use a pool after calling end on the pool'),
  'a broken broker': Object.assign(new Error('read ECONNRESET'), {
    ...{ code: 'ECONNRESET', syscall: 'read' },
  }),
};

for (const [what, thrown] of Object.entries(OF_OTHERS)) {
  test(`${what} is not the database’s, bare, as a cause or within a transaction`, async () => {
    const fetchFailed = new TypeError('fetch failed', { cause: thrown });
    for (const error of [thrown, new Error('outer', { cause: thrown }), fetchFailed]) {
      assert.equal(read(error).code, 'INTERNAL_ERROR');
    }
    await assert.rejects(
      database.db.transaction(async () => {
        throw thrown;
      }),
      (error) => read(error).code === 'INTERNAL_ERROR',
    );
  });
}

test('a database that refuses connections is known by where they were made', async () => {
  const between = await proxy();
  const opened = await open(between.url, 1);
  await between.stop();
  for (const work of [
    () => opened.db.execute(sql`select 1`),
    () => opened.db.transaction((tx) => tx.execute(sql`select 1`)),
    () => opened.pool.query('select 1'),
    () => opened.pool.connect(),
    () => opened.ping(),
  ]) {
    await assert.rejects(work(), (error) => read(error) instanceof DatabaseUnavailableError);
  }
  await opened.close();
  await assert.rejects(opened.ping(), (error) => read(error) instanceof DatabaseUnavailableError);
});

test('a statement that took too long is no reason to ask again', async () => {
  const error = await failure('select pg_sleep(5)');
  assert.deepEqual([error.status, error.retryable, error.kind.type], [504, false, 'technical']);
});

test('a connection goes on after a statement that took too long', async () => {
  const alone = await open(postgres.url, 1);
  const { rows } = await alone.pool.query('select pg_backend_pid() as pid');
  await assert.rejects(alone.db.transaction((tx) => tx.execute(sql`select pg_sleep(5)`)));
  const again = await alone.pool.query('select pg_backend_pid() as pid');
  assert.deepEqual(again.rows, rows);
  await alone.close();
});

test('a bug below drizzle is logged without the statement’s values', () => {
  const bug = new SyntaxError('driver bug');
  const error = read(new DrizzleQueryError('select $1', ['s3cret'], bug));
  assert.ok(error instanceof InternalError && !(error instanceof DatabaseError));
  assert.equal(error.cause, bug);
});

test('a query that waited for a connection runs in the context of who asked, not of who gave it back', async () => {
  const narrow = await open(postgres.url, 1);
  const asked = new AsyncLocalStorage<number>();
  const seen: [string, number | undefined][] = [];
  narrow.pool.on('acquire', (client) => {
    const query = client.query as (text: string) => Promise<unknown>;
    const once = (text: string) => {
      seen.push([text, asked.getStore()]);
      Object.assign(client, { query });
      return query.call(client, text);
    };
    Object.assign(client, { query: once });
  });
  const numbers = [1, 2, 3];
  await Promise.all(numbers.map((n) => asked.run(n, () => narrow.pool.query(`select ${n}`))));
  assert.deepEqual(
    seen,
    numbers.map((n) => [`select ${n}`, n]),
  );
  await narrow.close();
});

test('what the server refuses costs no connection', async () => {
  const narrow = await open(postgres.url, 1);
  const pid = async () => (await narrow.pool.query('select pg_backend_pid() as pid')).rows[0].pid;
  const before = await pid();
  await assert.rejects(narrow.pool.query('select 1 / 0'));
  assert.equal(await pid(), before);
  await narrow.close();
});

test('a prepared statement goes on after a migration has changed what it reads', async () => {
  await database.pool.query('CREATE TABLE dated (at timestamptz DEFAULT now())');
  const read = { name: 'read_dated', text: 'SELECT at FROM dated' };
  // On every connection of the pool, so that each has its plan.
  await Promise.all([1, 2, 3].map(() => database.pool.query(read)));
  await database.pool.query(
    "ALTER TABLE dated ALTER at DROP DEFAULT, ALTER at TYPE text USING 'x'",
  );
  const answers = await Promise.all([1, 2, 3].map(() => database.pool.query(read)));
  assert.deepEqual(
    answers.map(({ rowCount }) => rowCount),
    [0, 0, 0],
  );
});
