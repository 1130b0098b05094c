/**
 * The peer under load, over REST and gRPC, in a process of its own with all of its telemetry.
 *
 * @module
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Item, item } from '@breakwater/contracts';
import { CatalogService } from '@breakwater/contracts/catalog/v1';
import { toItemMessage } from '@breakwater/contracts/protobuf';
import { createHttpServer, json, route } from '@breakwater/hono';
import { createService, serveGrpc } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { z } from '@hono/zod-openapi';

const DEADLINE_MS = 5_000;

const logger = createLogger();
const service = createService({
  name: 'catalog',
  description: 'The bench.',
  trust: 'internal',
  deadlineMs: DEADLINE_MS,
  logger,
});
const find = (id: string): Item => ({
  ...{ id, name: 'Lamp', price_cents: 1_250, currency: 'EUR', stock: 12 },
});
const getItem = route({
  method: 'get',
  path: '/items/{id}',
  request: { params: z.strictObject({ id: z.string() }) },
  responses: { 200: json(item, 'The item.') },
});
service.app.openapi(getItem, (c) => c.json(find(c.req.valid('param').id), 200));
const server = createHttpServer(service).listen(0, '127.0.0.1');
await once(server, 'listening');
const grpc = await serveGrpc(service, { host: '127.0.0.1', port: 0 }, DEADLINE_MS, (made) => {
  const unused = () => Promise.reject(new Error('not measured'));
  made.add(CatalogService, {
    getItem: async ({ id }) => ({ item: toItemMessage(find(id)) }),
    ...{ listItems: unused, reserveStock: unused, releaseStock: unused, getReservation: unused },
  });
});
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
process.send?.({ rest: (server.address() as AddressInfo).port, grpc: grpc.port });
