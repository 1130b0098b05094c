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
 * Asks an `http://` address for a 2xx answer, or a `postgres://` server for a query.
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

async function probePostgres(url: string): Promise<undefined> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ONE_ANSWER_MS,
    query_timeout: ONE_ANSWER_MS,
  });
  try {
    await client.connect();
    await client.query('SELECT 1');
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
