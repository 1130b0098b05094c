/**
 * `GET /items` and `GET /items/{id}`.
 *
 * @module
 */
import { id, item, itemList, itemQuery } from '@breakwater/contracts';
import { LimitTooLargeError, NotFoundError } from '@breakwater/errors';
import { json, PEER_ERRORS, route, type Service } from '@breakwater/service';
import { z } from '@hono/zod-openapi';
import type { Peers } from '../peers.ts';

const listItems = route({
  method: 'get',
  path: '/items',
  summary: 'The items, by id',
  request: { query: itemQuery },
  responses: { 200: json(itemList, 'Items and how many there are in all.') },
  errors: [LimitTooLargeError, ...PEER_ERRORS],
});

const getItem = route({
  method: 'get',
  path: '/items/{id}',
  summary: 'One item with its price and stock',
  request: { params: z.strictObject({ id }) },
  responses: { 200: json(item, 'The item.') },
  errors: [NotFoundError.of('item'), ...PEER_ERRORS],
});

/** Adds the operations on items. */
export function mountItems(app: Service['app'], peers: Peers): void {
  app.openapi(listItems, async (c) => c.json(await peers.listItems(c.req.valid('query')), 200));
  app.openapi(getItem, async (c) => c.json(await peers.getItem(c.req.valid('param').id), 200));
}
