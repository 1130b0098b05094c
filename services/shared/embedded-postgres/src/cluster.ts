import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBinaries } from './binaries.ts';
import { runCommand } from './run-command.ts';
import { asServerUser, serverUser, type UserCommand } from './server-user.ts';

/** How to run a server over a data directory. */
export interface ServerOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Address to listen on; 127.0.0.1 when left out. */
  readonly host?: string;
  /** Further server settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How to create a data directory. */
export interface ClusterOptions {
  /** With a password every connection needs it; without one, every connection is trusted. */
  readonly password?: string;
  /** False skips flushing to disk: quicker, and lost in a power cut. */
  readonly durable?: boolean;
}

/**
 * Creates the data directory of a server when it does not exist yet.
 *
 * Superuser `postgres`, UTF-8, and the built-in C.UTF-8 collation, which sorts the same on every
 * machine. An initialisation that was cut short is started afresh.
 *
 * @throws Error with the output of `initdb` when it fails.
 */
export async function initialiseCluster(
  dataDir: string,
  { password, durable = true }: ClusterOptions = {},
): Promise<void> {
  const complete = join(dataDir, 'initialised');
  if (await exists(complete)) return;
  if (await exists(join(dataDir, 'PG_VERSION'))) await rm(dataDir, { recursive: true });

  const { initdb } = await findBinaries();
  const user = await serverUser();
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(dataDir, '..', `.password-${process.pid}`);
  if (password) await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (user) {
      await chown(dataDir, user.uid, user.gid);
      if (password) await chown(passwordFile, user.uid, user.gid);
    }
    const auth = password ? ['--auth=scram-sha-256', `--pwfile=${passwordFile}`] : ['--auth=trust'];
    const locale = ['--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8'];
    const common = ['--username=postgres', '--encoding=UTF8', '--no-instructions'];
    if (!durable) common.push('--no-sync');
    await runCommand(
      await asServerUser(
        user,
        [initdb, `--pgdata=${dataDir}`, ...common, ...locale, ...auth],
        [dataDir],
      ),
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  await writeFile(complete, '');
}

/** The command line of a server over an initialised data directory. */
export async function serverCommand(options: ServerOptions): Promise<UserCommand> {
  const { postgres } = await findBinaries();
  const settings = {
    listen_addresses: options.host ?? '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return asServerUser(
    await serverUser(),
    [postgres, '-D', options.dataDir, ...flags],
    [options.dataDir],
  );
}

/**
 * A server for one user, who is the superuser and asked for no password: it runs each line of its
 * standard input in the database `postgres`, and ends with it.
 */
export async function singleUserCommand(dataDir: string): Promise<UserCommand> {
  const { postgres } = await findBinaries();
  const words = [postgres, '--single', '-D', dataDir, 'postgres'] as const;
  return asServerUser(await serverUser(), words, [dataDir]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
