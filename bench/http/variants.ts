/**
 * The service under load: bare, and with one layer more at a time.
 *
 * @module
 */
import type { Server } from 'node:http';
import { type BreakwaterOptions, breakwater, createHttpServer } from '@breakwater/hono';
import { createService } from '@breakwater/kit';
import { type Logger, registry } from '@breakwater/otel';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { withRoutes } from './routes.ts';

/** Makes the server of one variant; it does not listen yet. */
export type Variant = (logger: Logger) => Server;

/** From nothing to everything. The tracing variants need the start-up hook of @breakwater/otel. */
export const variants: Readonly<Record<string, Variant>> = {
  bare: () => createAdaptorServer({ fetch: withRoutes(quiet()).fetch }) as Server,
  ids: () => adopted({ spans: false, metrics: false, logger: false }),
  metrics: () => adopted({ spans: false, logger: false }),
  line: (logger) => adopted({ spans: false, logger }),
  traces: (logger) => adopted({ logger }),
  everything: (logger) => {
    const service = createService({
      ...{ name: 'bench', description: 'The bench.', logger },
      registry: registry as Registry,
    });
    withRoutes(service.app as unknown as Hono);
    return createHttpServer(service);
  },
};

/** Hono's own handler of errors writes a stack to standard error, which is no layer of ours. */
function quiet(): Hono {
  return new Hono().onError((_error, c) => c.text('Internal Server Error', 500));
}

/** With some parts of the path, and none of its bounds. */
function adopted(parts: Partial<BreakwaterOptions>): Server {
  const app = new Hono();
  const bounds = { deadlineMs: false, maxInFlight: false, maxBodyBytes: false } as const;
  const service = breakwater(app, { name: 'bench', contract: false, ...bounds, ...parts });
  withRoutes(app);
  return createHttpServer(service);
}
