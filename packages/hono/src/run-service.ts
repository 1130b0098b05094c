/**
 * The life of a service's process: listen, and stop without losing anything.
 *
 * @module
 */
import module from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeLogger, collectProcessMetrics, exceptionFields } from '@breakwater/telemetry';
import type { Breakwater, Served } from './breakwater.ts';
import { captureConsole } from './capture-console.ts';
import { type Address, Listener } from './listener.ts';

export interface RunOptions extends Address {
  /**
   * Where `service.operations` listens. Default: 127.0.0.1, 10000 above the public port; a port that
   * the system chooses where it chooses that too.
   */
  readonly operations?: Address;
  /**
   * How long requests are still taken after the stop has begun, in milliseconds: whoever sends them
   * must have seen that `/readyz` says 503. Default: 0.
   */
  readonly drainMs?: number;
  /** Waits that long; what tests put in its place. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** Tells those who ask beside the app, such as over gRPC, to go elsewhere; when the stop begins. */
  readonly onDrain?: () => void;
  /** Ends responses that have no end of their own, such as event streams, when the service stops. */
  readonly onStop?: () => void;
  /** What to end after the last request: consumers first, then databases. */
  readonly onClose?: readonly (() => Promise<unknown>)[];
  /** Sends what telemetry still holds, last of all: `() => telemetry()?.shutdown()` of `@breakwater/otel`. */
  readonly flush?: () => Promise<unknown> | undefined;
}

/** A service that listens. */
export interface RunningService {
  readonly port: number;
  readonly operationsPort: number;
  /** Stops cleanly; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * After its drain time and this long a stop that hangs is cut, in milliseconds. Docker kills after
 * 10 s unless `stop_grace_period` says otherwise: what is killed from outside loses its last lines.
 */
export const STOP_TIMEOUT_MS = 8_000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

interface Listeners {
  readonly app: Listener;
  readonly operations: Listener;
}

/**
 * Listens, and stops on SIGTERM, SIGINT or an uncaught exception in the order that loses nothing:
 * readiness 503, the drain time, no new connections, requests in flight end, `onClose`, the
 * operational listener, the last log line, the last spans.
 *
 * @throws when a port cannot be bound; the message names the port and what to do.
 */
export async function runService(
  service: Breakwater<Served>,
  options: RunOptions,
): Promise<RunningService> {
  const { logger, name } = service;
  const { drainMs = 0 } = options;
  collectProcessMetrics();
  const listeners = await listen(service, options).catch(async (error) => {
    // What was opened would keep the process alive.
    await endAll(options.onClose, service);
    throw error;
  });
  const releaseConsole = captureConsole(logger, service.toAppError);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(service, listeners, { ...options, drainMs }).finally(() => {
      process.off('uncaughtException', onException).off('unhandledRejection', onRejection);
      for (const signal of SIGNALS) process.off(signal, close);
      releaseConsole();
    });
    return closing;
  };
  const onException = (error: unknown) => {
    process.exitCode = 1;
    logUnhandled(service, 'uncaught exception, stopping', error);
    void close();
  };
  const onRejection = (reason: unknown) =>
    logUnhandled(service, 'a rejected promise was awaited by nobody', reason);
  process.on('uncaughtException', onException).on('unhandledRejection', onRejection);
  for (const signal of SIGNALS) process.on(signal, close);
  logger.info(`${name} listens on ${listeners.app.url}`, {
    'event.name': 'started',
    operations: listeners.operations.url,
  });
  // Node.js would write it at the end only: with NODE_COMPILE_CACHE the service that starts next
  // compiles nothing that this one has. Node 20 cannot.
  setImmediate(() => module.flushCompileCache?.());
  return { port: listeners.app.port, operationsPort: listeners.operations.port, close };
}

async function listen(
  service: Breakwater<Served>,
  { port, host, ...options }: RunOptions,
): Promise<Listeners> {
  const at = options.operations ?? { host: '127.0.0.1', port: port === 0 ? 0 : port + 10_000 };
  const operations = await Listener.open(service, service.operations, at, 'OPERATIONS_');
  try {
    const app = await Listener.open(service, service.app, { port, host });
    return { app, operations };
  } catch (error) {
    await operations.close();
    throw error;
  }
}

async function stop(
  service: Breakwater<Served>,
  { app, operations }: Listeners,
  {
    drainMs,
    wait = sleep,
    onDrain,
    onStop,
    onClose,
    flush,
  }: RunOptions & { readonly drainMs: number },
): Promise<void> {
  const { name, logger, readiness } = service;
  const limitMs = drainMs + STOP_TIMEOUT_MS;
  const cut = setTimeout(() => {
    logger.error(`${name} did not stop within ${limitMs} ms and is killed`);
    process.kill(process.pid, 'SIGKILL');
  }, limitMs).unref();
  readiness.stop();
  app.drain();
  onDrain?.();
  if (drainMs > 0) await wait(drainMs);
  onStop?.();
  await app.close();
  await endAll(onClose, service);
  await operations.close();
  logger.info(`${name} closed`, { 'event.name': 'closed' });
  await closeLogger(logger);
  await flush?.();
  clearTimeout(cut);
}

async function endAll(onClose: RunOptions['onClose'], service: Breakwater<Served>): Promise<void> {
  for (const end of onClose ?? []) {
    try {
      await end();
    } catch (error) {
      logUnhandled(service, 'could not end cleanly', error);
    }
  }
}

function logUnhandled(service: Breakwater<Served>, message: string, thrown: unknown): void {
  service.logger.error(message, exceptionFields(service.toAppError(thrown)));
}
