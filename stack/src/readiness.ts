import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StackError } from './errors.ts';

/** Asks once; `undefined` means ready, a text says why not yet. */
export type Probe = (url: string) => Promise<string | undefined>;

/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

/** The machine's own time. */
export const systemClock: Clock = { now: () => performance.now(), sleep: (ms) => delay(ms) };

const ASK_EVERY_MS = 100;
const ONE_ANSWER_MS = 2000;

/**
 * Asks an `http://` address for a 2xx answer, or a `postgres://` server whether it accepts connections.
 *
 * @returns why it is not ready, never an exception
 */
export const probe: Probe = async (url) => {
  try {
    if (url.startsWith('postgres:')) return await probePostgres(url);
    return await probeHttp(url);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return `${withoutPassword(url)}: ${message || code}`;
  }
};

/** A connection of its own each time: a pooled one may belong to the process that just died. */
async function probeHttp(url: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ONE_ANSWER_MS);
  const [response] = (await once(get(url, { agent: false, signal }), 'response', { signal })) as [
    IncomingMessage,
  ];
  response.destroy();
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300 ? undefined : `${url} answers ${status}`;
}

/** As `pg_isready`: a server that asks for a password serves; one that starts or stops does not. */
async function probePostgres(url: string): Promise<undefined> {
  let asked = false;
  const { hostname, port, username } = new URL(url);
  // Not as a URL: pg would take that it has no password for the last word.
  const client = new pg.Client({
    host: hostname,
    port: Number(port),
    user: username,
    database: 'postgres',
    connectionTimeoutMillis: ONE_ANSWER_MS,
    password: () => {
      asked = true;
      throw new Error('it is not known here');
    },
  });
  // What comes after the question belongs to nobody.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if (!asked) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Asks until the address is ready.
 *
 * @throws StackError with the last answer when `timeoutMs` has passed; the reason of `signal` when
 *   it is aborted.
 */
export async function waitUntilReady(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
  ask: Probe = probe,
  clock: Clock = systemClock,
): Promise<void> {
  const end = clock.now() + timeoutMs;
  for (;;) {
    const reason = await ask(url);
    signal.throwIfAborted();
    if (reason === undefined) return;
    if (clock.now() >= end) {
      throw new StackError(`not ready after ${timeoutMs / 1000} s (${reason})`);
    }
    await clock.sleep(ASK_EVERY_MS);
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
