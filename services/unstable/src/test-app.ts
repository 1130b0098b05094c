/**
 * The app as tests meet it: behind a real server, over a real database, with time in their hands.
 *
 * @module
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import { type Clock, type Database, openDatabase } from '@breakwater/kit';
import { VirtualClock } from '@breakwater/resilience/testing';
import { type LogLine, testTelemetry } from '@breakwater/testing';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { Faults } from './faults.ts';

/** A clock that only {@link TestClock.advance} moves. */
export class TestClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });
  }

  /** Moves time on and lets everything that waits for it happen. */
  async advance(ms: number): Promise<void> {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise(setImmediate);
  }
}

export const CONTROL_TOKEN = 'test-control-token';

/** A running app and what a test needs to drive it. */
export interface TestApp {
  readonly url: string;
  /** Asks the operational app, as `fetch` would. */
  operate(path: string, init?: RequestInit): Promise<Response>;
  readonly clock: TestClock;
  readonly faults: Faults;
  readonly database: Database;
  /** The lines it has logged, parsed. */
  readonly lines: LogLine[];
  stop(): Promise<void>;
}

/** Opens the provider's database. */
export function openLedger(url: string): Promise<Database> {
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  return openDatabase({ url, schema: {}, migrations, logger: testTelemetry().logger });
}

/** Starts the app on a free port over an empty database. */
export async function startTestApp(maxInFlight = 50): Promise<TestApp> {
  const postgres = await temporaryPostgres();
  const database = await openLedger(postgres.url);
  const { logger, registry, lines } = testTelemetry('unstable');
  const clock = new TestClock();
  const faults = new Faults(clock, () => 0);
  const rest = { faults, random: () => 0, controlToken: CONTROL_TOKEN, clock: new VirtualClock() };
  const { app, operations } = createApp({ logger, registry, database, maxInFlight, ...rest });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    operate: async (path, init = {}) =>
      operations.request(path, { ...init, headers: { host: '127.0.0.1', ...init.headers } }),
    clock,
    faults,
    database,
    lines,
    async stop() {
      faults.clear();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
      await postgres.stop();
    },
  };
}
