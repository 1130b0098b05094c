import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A command together with the user that must run it; to be handed to `spawn`. */
export interface UserCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Set when this process is root: PostgreSQL refuses to run as root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** The user that runs the server in place of root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user to run the server as: `undefined` means as ourselves; `postgres`, or else `nobody`, when
 * we are root.
 *
 * @throws Error when we are root and neither user exists.
 */
export async function serverUser(
  uid = process.getuid?.(),
  passwd = '/etc/passwd',
): Promise<ServerUser | undefined> {
  if (uid !== 0) return undefined;
  const lines = (await readFile(passwd, 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = lines.find(([name]) => name === wanted);
    if (found) return { name: wanted, uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as. Run as another user, or set DATABASE_URL to a server you have.',
  );
}

/**
 * Wraps a command so that it runs as `user` and can reach every one of `paths`.
 *
 * A clone below a private folder, such as /root, can be entered by root only. Then `setpriv` lets
 * the server pass through those folders, and nothing else changes: it still is not root.
 */
export async function asServerUser(
  user: ServerUser | undefined,
  [command, ...args]: readonly [string, ...string[]],
  paths: readonly string[],
): Promise<UserCommand> {
  if (!user) return { command, args };
  if (await everyoneMayEnter([command, ...paths])) {
    return { command, args, uid: user.uid, gid: user.gid };
  }
  return {
    command: 'setpriv',
    args: [
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      // The server asks access(2) about its own binary, which drops capabilities without this.
      '--securebits=+no_setuid_fixup',
      command,
      ...args,
    ],
  };
}

/** Whether every folder above each path may be entered by any user. */
async function everyoneMayEnter(paths: readonly string[]): Promise<boolean> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(resolve(path)); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  const modes = await Promise.all([...folders].map(async (folder) => (await stat(folder)).mode));
  return modes.every((mode) => (mode & 0o001) !== 0);
}
