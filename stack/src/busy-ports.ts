import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Port } from './compose-file.ts';

/** A port that somebody else listens on. */
export interface BusyPort {
  readonly entry: string;
  readonly port: Port;
  /** "nginx (pid 12)", when the system tells. */
  readonly owner?: string;
}

/** The ports that could not be listened on now. */
export async function findBusyPorts(
  entries: Iterable<{ readonly name: string; readonly ports: readonly Port[] }>,
): Promise<BusyPort[]> {
  const wanted = [...entries].flatMap(({ name, ports }) => ports.map((port) => ({ name, port })));
  const busy = await Promise.all(
    wanted.map(async ({ name, port }): Promise<BusyPort[]> => {
      if (await isFree(port)) return [];
      const owner = portOwner(port.port);
      return [{ entry: name, port, ...(owner ? { owner } : {}) }];
    }),
  );
  return busy.flat();
}

/** One sentence per busy port: which, whose, and how to move it. */
export function describeBusyPort({ entry, port, owner }: BusyPort): string {
  const taken = `Port ${port.port}, which ${entry} needs, is taken by ${owner ?? 'another process'}.`;
  const move = `${port.variable}=${port.port + 10_000} npm start`;
  return port.variable ? `${taken} Stop that, or move ours: ${move}` : `${taken} Stop that first.`;
}

async function isFree({ address, port }: Port): Promise<boolean> {
  const server = createServer().listen({ host: address, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
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
