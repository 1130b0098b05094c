import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listeningInode } from '../src/busy-ports.ts';
import { identify, isAlive, type ProcessIdentity } from '../src/process-identity.ts';

/**
 * How far the ports of a test's stack may lie from the usual ones. None makes a port of one stack
 * the port of another, and all stay below those the system hands out for connections, from 32768.
 */
export const OFFSETS = [12_000, 7_000, 5_000, 2_500, 5_500, 7_500];
const CLAIMS = join(tmpdir(), 'breakwater-test-ports');

/**
 * Takes an offset that no other test of this machine has, and at which nobody listens.
 *
 * @param ports the usual ones
 * @throws {Error} when all are taken; it names who has them
 */
export function claimPorts(ports: readonly number[]): { readonly offset: number; release(): void } {
  mkdirSync(CLAIMS, { recursive: true });
  const holders: string[] = [];
  for (const offset of OFFSETS) {
    const busy = ports.find((port) => listeningInode(port + offset));
    if (busy) {
      holders.push(`port ${busy + offset} is in use`);
      continue;
    }
    const claim = join(CLAIMS, String(offset));
    const holder = take(claim);
    if (!holder) return { offset, release: () => rmSync(claim, { force: true }) };
    holders.push(`process ${holder.pid} has those from +${offset}`);
  }
  throw new Error(`no ports are left for a test's stack: ${holders.join('; ')}`);
}

/** Writes the claim of this process; tells who has it when somebody does that still runs. */
function take(claim: string): ProcessIdentity | undefined {
  const own = JSON.stringify(identify(process.pid));
  try {
    writeFileSync(claim, own, { flag: 'wx' });
    return undefined;
  } catch {
    const holder = JSON.parse(readFileSync(claim, 'utf8')) as ProcessIdentity;
    if (isAlive(holder)) return holder;
    writeFileSync(claim, own);
    return undefined;
  }
}
