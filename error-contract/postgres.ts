/**
 * A real PostgreSQL that can be stopped and started again in mid-test, its data kept.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureRoles, initialiseCluster, serverCommand } from '@breakwater/embedded-postgres';

/** Stops the server in PostgreSQL's fast way when its input closes, whoever closes it. */
const GUARD = '"$@" & pid=$!; exec 2>/dev/null; cat >/dev/null; kill -INT $pid; wait $pid';

const SETTINGS = { fsync: 'off', synchronous_commit: 'off', max_connections: '150' };

/** A server with an end that others can cause. */
export interface Postgres {
  /** `postgres://…` of its database `postgres`, as the superuser. */
  readonly url: string;
  /** `postgres://…` of the database of a role, as that role. */
  databaseUrl(role: string): string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** Starts a server over an empty data directory, with a database for each of the roles. */
export async function startPostgres(roles: readonly string[] = []): Promise<Postgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'breakwater-errors-'));
  await initialiseCluster(dataDir, { durable: false });
  await ensureRoles(dataDir, { roles: roles.map((name) => ({ name })) });
  const port = await freePort();
  const { command, args, ...user } = await serverCommand({ dataDir, port, settings: SETTINGS });
  let server: ChildProcess | undefined;

  const start = async () => {
    const child = spawn('sh', ['-c', GUARD, 'sh', command, ...args], {
      ...user,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    server = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4_000);
        if (log.includes('ready to accept connections')) resolve();
      });
      child.once('close', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
    });
  };
  const stop = async () => {
    const child = server;
    server = undefined;
    if (!child) return;
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  };
  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    databaseUrl: (role) => `postgres://${role}@127.0.0.1:${port}/${role}`,
    start,
    stop,
    async remove() {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
