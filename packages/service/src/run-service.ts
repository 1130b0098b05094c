/**
 * The life of a service's process: listen, and stop without losing anything.
 *
 * @module
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { closeLogger, type Logger, telemetry } from '@breakwater/otel';
import { captureConsole } from './capture-console.ts';
import type { Service } from './create-service.ts';
import { createHttpServer } from './http-server.ts';
import { exceptionFields } from './request-log.ts';

export interface RunOptions {
  readonly port: number;
  /** Address to bind to. */
  readonly host: string;
  /** Ends answers that have no end of their own, such as event streams, when the service stops. */
  readonly onStop?: () => void;
  /** What to end after the last request: consumers first, then databases. */
  readonly onClose?: readonly (() => Promise<unknown>)[];
}

/** A service that listens. */
export interface RunningService {
  readonly port: number;
  /** Stops cleanly; a second call waits for the first. */
  close(): Promise<void>;
}

/** After this a stop that hangs is cut, in milliseconds. */
const STOP_TIMEOUT_MS = 10_000;
/** How often connections that have become idle are looked for while stopping, in milliseconds. */
const SWEEP_MS = 50;
/** What to do when an address cannot be listened on, by the system's code. */
const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use; set PORT to a free one',
  EACCES: 'this user may not listen there; set PORT to 1024 or above',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one that it has',
  ENOTFOUND: 'there is no such host; set HOST to an address of this machine',
};
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Listens, and stops on SIGTERM, SIGINT or an uncaught exception in the order that loses nothing:
 * readiness 503, no new connections, requests in flight end, `onClose`, the last log line, the
 * last spans.
 *
 * @throws when the port cannot be bound; the message names the port and what to do.
 */
export async function runService(service: Service, options: RunOptions): Promise<RunningService> {
  const { logger } = service;
  const server = await listen(service, options).catch(async (error) => {
    // What was opened would keep the process alive.
    await endAll(options.onClose, logger);
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  const releaseConsole = captureConsole(logger);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(service, server, options).finally(() => {
      process.off('uncaughtException', onException).off('unhandledRejection', onRejection);
      for (const signal of SIGNALS) process.off(signal, close);
      releaseConsole();
    });
    return closing;
  };
  const onException = (error: unknown) => {
    process.exitCode = 1;
    logUnhandled(logger, 'uncaught exception, stopping', error);
    void close();
  };
  const onRejection = (reason: unknown) =>
    logUnhandled(logger, 'a rejected promise was awaited by nobody', reason);
  process.on('uncaughtException', onException).on('unhandledRejection', onRejection);
  for (const signal of SIGNALS) process.on(signal, close);
  logger.info(`${service.name} listens on http://${options.host}:${port}`, {
    'event.name': 'started',
  });
  // Node.js would write it at the end only: with NODE_COMPILE_CACHE the service that starts next
  // compiles nothing that this one has.
  setImmediate(flushCompileCache);
  return { port, close };
}

async function listen(service: Service, { port, host }: RunOptions): Promise<Server> {
  const server = createHttpServer(service);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const hint = LISTEN_HINTS[code] ?? message;
    throw new Error(`${service.name} cannot listen on ${host}:${port}: ${hint}`, { cause });
  }
  return server;
}

async function stop(
  { name, logger, readiness }: Service,
  server: Server,
  { onStop, onClose }: RunOptions,
): Promise<void> {
  const cut = setTimeout(() => {
    logger.error(`${name} did not stop within ${STOP_TIMEOUT_MS} ms and is killed`);
    process.kill(process.pid, 'SIGKILL');
  }, STOP_TIMEOUT_MS).unref();
  readiness.stop();
  onStop?.();
  await closeServer(server);
  await endAll(onClose, logger);
  logger.info(`${name} closed`, { 'event.name': 'closed' });
  await closeLogger(logger);
  await telemetry()?.shutdown();
  clearTimeout(cut);
}

async function endAll(onClose: RunOptions['onClose'], logger: Logger): Promise<void> {
  for (const end of onClose ?? []) {
    try {
      await end();
    } catch (error) {
      logUnhandled(logger, 'could not end cleanly', error);
    }
  }
}

/** Waits for the requests in flight. Their connections would idle on for seconds: they are closed. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  server.close();
  await closed;
  clearInterval(sweep);
}

function logUnhandled(logger: Logger, message: string, thrown: unknown): void {
  logger.error(message, exceptionFields(thrown));
}
