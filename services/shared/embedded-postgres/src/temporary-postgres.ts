import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { initialiseCluster, serverCommand } from './cluster.ts';
import { createRole } from './roles.ts';

/** An empty database of its own on a throw-away server. */
export interface TemporaryPostgres {
  /** `postgres://…` of an empty database that nobody else uses, as the role that owns it. */
  readonly url: string;
  /** The same as the superuser. */
  readonly superuserUrl: string;
  /** Makes the database of a service when it is missing. @returns its URL, as the role of its name */
  database(name: string): Promise<string>;
  /** Gives the database back; the last one in this process stops the server and its files go. */
  stop(): Promise<void>;
}

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** Nothing of a throw-away server has to survive a power cut. */
const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  max_wal_size: '64MB',
  autovacuum: 'off',
};

/**
 * Ends the server and removes its files as soon as its standard input closes, so that nothing
 * outlives a test process, however that one ends.
 */
const GUARD = `dir=$1; shift; "$@" & pid=$!; exec 2>/dev/null; cat >/dev/null
kill -QUIT $pid; wait $pid; rm -rf "$dir"`;

let shared: Promise<Server> | undefined;
let users = 0;
let databases = 0;

/**
 * Gives a test an empty database on a real server, started once per process (about one second).
 *
 * @example
 * const postgres = await temporaryPostgres();
 * after(() => postgres.stop());
 */
export async function temporaryPostgres(): Promise<TemporaryPostgres> {
  users += 1;
  shared ??= startServer();
  const server = await shared;
  const base = (role: string) => `postgres://${role}@127.0.0.1:${server.port}`;
  const database = async (name: string) => {
    const client = new pg.Client({ connectionString: `${base('postgres')}/postgres` });
    await client.connect();
    await createRole(client, { name });
    await client.end();
    return `${base(name)}/${name}`;
  };
  databases += 1;
  const url = await database(`test_${databases}`);

  let stopped = false;
  return {
    url,
    superuserUrl: `${base('postgres')}${new URL(url).pathname}`,
    database,
    async stop() {
      if (stopped) return;
      stopped = true;
      users -= 1;
      if (users > 0) return;
      shared = undefined;
      await server.stop();
    },
  };
}

/** Starts a server; tries again when somebody took the port between choosing and using it. */
async function startServer(): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'breakwater-postgres-'));
    try {
      await initialiseCluster(dataDir, { durable: false });
      return await launch(dataDir);
    } catch (error) {
      await rm(dataDir, { recursive: true, force: true });
      if (attempt === 3) throw error;
    }
  }
}

/** Starts a throw-away server over an initialised data directory, which goes with it. */
export async function launch(dataDir: string): Promise<Server> {
  const port = await freePort();
  const server = await serverCommand({ dataDir, port, settings: FAST });
  const { command, args, ...user } = server;
  // Detached: Ctrl-C must reach the test process alone, which then closes our standard input.
  const guard = spawn('sh', ['-c', GUARD, 'sh', dataDir, command, ...args], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()));
  const stop = async () => {
    guard.stdin.end();
    guard.ref();
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await ready(guard);
  } catch (error) {
    await stop();
    throw error;
  }
  // A test that forgets to stop its server still ends, and takes the server with it.
  guard.unref();
  for (const stream of [guard.stdin, guard.stderr]) (stream as unknown as Socket).unref();
  return { port, stop };
}

/** Waits for the server's own word that it is ready; its last words are the error. */
function ready(guard: ChildProcessByStdio<Writable, null, Readable>): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    guard.once('error', reject);
    guard.stderr.setEncoding('utf8');
    // Read to the end, even when ready: a full pipe would stop the server.
    guard.stderr.on('data', (text: string) => {
      log = (log + text).slice(-4000);
      if (log.includes('ready to accept connections')) resolve();
    });
    guard.stderr.once('end', () => reject(new Error(`PostgreSQL did not start: ${log.trim()}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
