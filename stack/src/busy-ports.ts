import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Port } from './compose-file.ts';

/** A port that cannot be listened on. */
export interface BlockedPort {
  readonly entry: string;
  readonly port: Port;
  /** The system's word: `EADDRINUSE`, `EACCES` for a port that only root may have, or another. */
  readonly code: string;
  /** Of a taken one "nginx (pid 12)", when the system tells. */
  readonly owner?: string;
}

type Listening = Iterable<{ readonly name: string; readonly ports: readonly Port[] }>;

/** The ports that could not be listened on now; one that two entries want is tried once. */
export async function findBlockedPorts(entries: Listening): Promise<BlockedPort[]> {
  const different = new Map(wanted(entries).map((each) => [each.port.port, each]));
  const blocked = await Promise.all(
    [...different.values()].map(async ({ entry, port }): Promise<BlockedPort[]> => {
      const code = await tryToListen(port);
      if (code === undefined) return [];
      const owner = code === 'EADDRINUSE' ? portOwner(port.port) : undefined;
      return [{ entry, port, code, ...(owner ? { owner } : {}) }];
    }),
  );
  return blocked.flat();
}

/** One sentence per port: which, why not, and how to move it. */
export function describeBlockedPort({ entry, port, code, owner }: BlockedPort): string {
  const move = `${port.variable}=${elsewhere(port.port)} npm start`;
  const which = `Port ${port.port}, which ${entry} needs,`;
  if (code === 'EADDRINUSE') {
    const taken = `${which} is taken by ${owner ?? 'another process'}.`;
    return port.variable
      ? `${taken} Stop that, or move ours: ${move}`
      : `${taken} Stop that first.`;
  }
  const why =
    code === 'EACCES'
      ? `${which} is one that this user may not listen on.`
      : `${which} cannot be listened on at ${port.address} (${code}).`;
  return port.variable ? `${why} Move it: ${move}` : why;
}

/** One sentence for every two ports that are the same. */
export function describeSharedPorts(entries: Listening): string[] {
  const first = new Map<number, { entry: string; port: Port }>();
  return wanted(entries).flatMap(({ entry, port }) => {
    const other = first.get(port.port);
    first.set(port.port, other ?? { entry, port });
    if (!other) return [];
    const say = ({ variable }: Port, of: string) => (variable ? `${variable} of ${of}` : of);
    return [
      `${say(other.port, other.entry)} and ${say(port, entry)} are both ${port.port}: each needs a port of its own.`,
    ];
  });
}

function wanted(entries: Listening): { entry: string; port: Port }[] {
  return [...entries].flatMap(({ name, ports }) => ports.map((port) => ({ entry: name, port })));
}

/**
 * A port to move to: never one that only root may have, that does not exist, or where a service's
 * own operational port is, 10000 above.
 */
function elsewhere(port: number): number {
  return port + 20_000 <= 65_535 ? port + 20_000 : port - 20_000;
}

/** @returns the system's code when it cannot be done */
async function tryToListen({ address, port }: Port): Promise<string | undefined> {
  const server = createServer().listen({ host: address, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}

/** The process that listens on a port. See proc(5), /proc/net/tcp; Linux only. */
function portOwner(port: number): string | undefined {
  const inode = listeningInode(port);
  if (!inode) return undefined;
  for (const pid of attempt(() => readdirSync('/proc'), [])) {
    if (!/^\d+$/.test(pid)) continue;
    for (const file of attempt(() => readdirSync(`/proc/${pid}/fd`), [])) {
      if (attempt(() => readlinkSync(`/proc/${pid}/fd/${file}`), '') === `socket:[${inode}]`) {
        return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
      }
    }
  }
  return undefined;
}

/** The socket that listens on a port, as the system numbers it. */
export function listeningInode(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of attempt(() => readFileSync(table, 'utf8'), '').split('\n')) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && local?.endsWith(`:${hex}`)) return inode;
    }
  }
  return undefined;
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
