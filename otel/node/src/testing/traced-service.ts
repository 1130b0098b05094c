/**
 * A small service for the start-up test, run as a process of its own: `/items/:id` answers the
 * status it is asked for, `/peer` asks itself, `/rows` asks the database of `DATABASE_URL`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context } from '@opentelemetry/api';
import pg from 'pg';
import {
  closeLogger,
  createLogger,
  markOperational,
  setSpanRoute,
  telemetry,
  withResendCount,
} from '../index.ts';

const logger = createLogger();
const database = process.env.DATABASE_URL
  ? new pg.Pool({ connectionString: process.env.DATABASE_URL })
  : undefined;
// Outside of any request: must leave no span.
await database?.query('select 1 as startup');

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://service');
  logger.info(`${request.method} ${url.pathname}`);
  if (url.pathname.startsWith('/items/')) setSpanRoute('/items/:id');
  if (url.pathname === '/peer') {
    const attempt = Number(url.searchParams.get('attempt'));
    const peer = `http://127.0.0.1:${port()}/items/7${url.searchParams.get('query') ?? ''}`;
    await context.with(withResendCount(context.active(), attempt), () => fetch(peer));
  }
  if (url.pathname === '/rows') await database?.query('select $1::int as row', [1]);
  response.statusCode = Number(url.searchParams.get('status') ?? 200);
  response.end();
}

const server = createServer(respond);
const operations = createServer(respond);
markOperational(operations);
const portOf = (listening: Server) => (listening.address() as AddressInfo).port;
const port = () => portOf(server);
operations.listen(0, '127.0.0.1', () =>
  server.listen(0, '127.0.0.1', () =>
    process.send?.({ port: port(), operationsPort: portOf(operations) }),
  ),
);

process.once('disconnect', async () => {
  for (const each of [server, operations]) {
    each.close();
    each.closeAllConnections();
  }
  await database?.end();
  await closeLogger(logger);
  await telemetry()?.shutdown();
});
