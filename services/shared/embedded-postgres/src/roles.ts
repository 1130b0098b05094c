import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { singleUserCommand } from './cluster.ts';
import { runCommand } from './run-command.ts';

/** A role that may log in, and owns the database of its name and nothing else. */
export interface DatabaseRole {
  readonly name: string;
  /** Left out where every connection is trusted. */
  readonly password?: string;
}

/** Who may connect to a cluster. */
export interface ClusterRoles {
  readonly roles: readonly DatabaseRole[];
  /** Of the superuser `postgres`; left as it is when left out. */
  readonly password?: string;
}

/** SQLSTATE of a database that is there already. */
const DUPLICATE_DATABASE = '42P04';

/**
 * Makes the roles and their databases in a cluster whose server does not run, and gives a role that
 * is there its password anew. Does nothing when it has done the same before.
 *
 * @throws Error with the output of the server when a statement fails
 */
export async function ensureRoles(dataDir: string, wanted: ClusterRoles): Promise<void> {
  const statements = [
    ...(wanted.password === undefined ? [] : [passwordOf('postgres', wanted.password)]),
    ...wanted.roles.flatMap(roleStatements),
  ];
  const record = join(dataDir, 'roles-made');
  const digest = createHash('sha256').update(statements.join('\n')).digest('hex');
  if ((await readFile(record, 'utf8').catch(() => '')) === digest) return;
  const output = await runCommand(await singleUserCommand(dataDir), `${statements.join('\n')}\n`);
  // A server of one user goes on after an error, as it must for a database that is there already.
  const failed = output
    .split('\n')
    .filter((line) => /\b(ERROR|FATAL|PANIC):/.test(line) && !/already exists$/.test(line));
  if (failed.length > 0) throw new Error(`roles could not be made: ${failed.join('; ')}`);
  await writeFile(record, digest, { mode: 0o600 });
}

/** Makes a role and its database through a connection of the superuser. */
export async function createRole(client: pg.Client, role: DatabaseRole): Promise<void> {
  for (const statement of roleStatements(role)) {
    await client.query(statement).catch((error) => {
      if (error.code !== DUPLICATE_DATABASE) throw error;
    });
  }
}

/** One statement a line; each may be repeated, but for `CREATE DATABASE`, which then fails. */
function roleStatements({ name, password }: DatabaseRole): string[] {
  const role = `"${name.replaceAll('"', '""')}"`;
  return [
    `DO $$BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END$$`,
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`,
    ...(password === undefined ? [] : [passwordOf(name, password)]),
    `CREATE DATABASE ${role} OWNER ${role}`,
    `ALTER DATABASE ${role} OWNER TO ${role}`,
    // Else every role may connect to every database.
    `REVOKE ALL ON DATABASE ${role} FROM PUBLIC`,
  ];
}

function passwordOf(name: string, password: string): string {
  if (/[\r\n\0]/.test(password)) throw new Error(`the password of ${name} has a line break in it`);
  const literal = `'${password.replaceAll("'", "''")}'`;
  return `ALTER ROLE "${name.replaceAll('"', '""')}" PASSWORD ${literal}`;
}
