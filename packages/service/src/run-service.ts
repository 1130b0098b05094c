/**
 * The life of a service's process: listen, and stop without losing anything.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { toAppError } from '@breakwater/errors';
import { closeLogger, FIELDS, type Logger, telemetry } from '@breakwater/otel';
import { type ServerType, serve } from '@hono/node-server';
import type { Service } from './create-service.ts';
import { errorFields } from './request-log.ts';

export interface RunOptions {
  readonly port: number;
  /** Address to bind to. */
  readonly host: string;
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

/**
 * Listens, and stops on SIGTERM, SIGINT or an uncaught exception in the order that loses nothing:
 * readiness 503, no new connections, requests in flight end, `onClose`, the last log line, the
 * last spans.
 *
 * @throws when the port cannot be bound; the message names the port and what to do.
 */
export async function runService(service: Service, options: RunOptions): Promise<RunningService> {
  const { logger } = service;
  const server = await listen(service, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(service, server, options.onClose ?? []);
    return closing;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close());
  process.once('uncaughtException', (error) => {
    process.exitCode = 1;
    logUnhandled(logger, 'uncaught exception, stopping', error);
    void close();
  });
  process.on('unhandledRejection', (reason) => {
    logUnhandled(logger, 'a rejected promise was awaited by nobody', reason);
  });
  logger.info(`${service.name} listens on http://${options.host}:${port}`, {
    'event.name': 'started',
  });
  return { port, close };
}

function listen(service: Service, { port, host }: RunOptions): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: service.app.fetch, port, hostname: host }, () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint =
        error.code === 'EADDRINUSE' ? 'it is in use; set PORT to a free one' : error.message;
      reject(new Error(`${service.name} cannot listen on ${host}:${port}: ${hint}`));
    });
  });
}

async function stop(
  service: Service,
  server: ServerType,
  onClose: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const { logger } = service;
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_TIMEOUT_MS).unref();
  service.readiness.stop();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
  for (const end of onClose) {
    try {
      await end();
    } catch (error) {
      logUnhandled(logger, 'could not end cleanly', error);
    }
  }
  logger.info(`${service.name} closed`, { 'event.name': 'closed' });
  await closeLogger(logger);
  await telemetry()?.shutdown();
}

/** No response failed here, so the line has no error code: one code in the log is one response. */
function logUnhandled(logger: Logger, message: string, thrown: unknown): void {
  const { [FIELDS.errorCode]: _, ...fields } = errorFields(toAppError(thrown));
  logger.error(message, fields);
}
