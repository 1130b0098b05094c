/**
 * The console in this process, with telemetry of its own.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConsole } from '@breakwater/console';
import { createLogger, createRegistry } from '@breakwater/telemetry';
import { getRequestListener } from '@hono/node-server';
import { CommandError } from '../errors.ts';
import { collectTargets } from './collect-targets.ts';
import { LOGS, TARGETS } from './hand-over.ts';

/** A console that listens. */
export interface ServedConsole {
  /** Where its pages are, and where OTLP/HTTP is taken. */
  readonly url: string;
  /** The same with the token that changes want. */
  readonly address: string;
  /** Where processes announce themselves and write their lines. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Starts it on 127.0.0.1, with a folder that goes with it.
 *
 * @param port 0 for any that is free
 * @throws {CommandError} when the port is taken
 */
export async function serveConsole(port: number): Promise<ServedConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-'));
  for (const name of [LOGS, TARGETS]) mkdirSync(join(folder, name));
  const targetsFile = join(folder, 'targets.json');
  const endTargets = collectTargets(join(folder, TARGETS), targetsFile);
  const token = randomBytes(18).toString('base64url');
  const console = createConsole({
    logger: quietLogger(),
    registry: createRegistry(),
    telemetry: { kind: 'embedded', logDirectory: join(folder, LOGS), targetsFile },
    targetsFile,
    token,
  });
  const close = async () => {
    console.endStreams();
    endTargets();
    await console.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const server = createServer(getRequestListener(console.service.app.fetch));
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    await close();
    throw refused(error as NodeJS.ErrnoException, port);
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    address: `${url}/#token=${encodeURIComponent(token)}`,
    folder,
    close: async () => {
      await close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The terminal belongs to the program: of the console only what is wrong with it is told. */
function quietLogger() {
  return createLogger({
    identity: { serviceName: 'console', namespace: 'breakwater', environment: 'development' },
    level: 'error',
    write: (line) => process.stderr.write(`breakwater: ${line}\n`),
  });
}

function refused(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new CommandError(
      `port ${port} is taken: choose another by --port, or end what listens there`,
    );
  }
  if (error.code === 'EACCES') {
    return new CommandError(`port ${port} is not for this user: choose one above 1023 by --port`);
  }
  return error;
}
