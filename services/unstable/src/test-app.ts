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
import { createLogger } from '@breakwater/otel';
import { type Database, openDatabase } from '@breakwater/service';
import { serve } from '@hono/node-server';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { Clock } from './clock.ts';
import { Faults } from './faults.ts';
import { charges } from './schema.ts';

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
  readonly clock: TestClock;
  readonly faults: Faults;
  readonly database: Database<{ charges: typeof charges }>;
  /** The lines it has logged, parsed. */
  readonly log: Record<string, unknown>[];
  stop(): Promise<void>;
}

/** Opens the provider's database. */
export function openLedger(url: string): Promise<Database<{ charges: typeof charges }>> {
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  const logger = createLogger({ directory: undefined, write: () => {}, registry: new Registry() });
  return openDatabase({ url, schema: { charges }, migrations, logger });
}

/** Starts the app on a free port over an empty database. */
export async function startTestApp(): Promise<TestApp> {
  const postgres = await temporaryPostgres();
  const database = await openLedger(postgres.url);
  const registry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const log: Record<string, unknown>[] = [];
  const write = (line: string) => void log.push(JSON.parse(line));
  const logger = createLogger({ directory: undefined, write, registry });
  const clock = new TestClock();
  const faults = new Faults(clock, () => 0);
  const deps = { logger, database, faults, random: () => 0, controlToken: CONTROL_TOKEN, registry };
  const { app } = createApp(deps);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    clock,
    faults,
    database,
    log,
    async stop() {
      faults.clear();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
      await postgres.stop();
    },
  };
}
