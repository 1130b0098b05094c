/**
 * `GET /items` and `GET /items/{id}`.
 *
 * @module
 */

import { id, item, itemList, itemQuery } from '@breakwater/contracts';
import { LimitTooLargeError, NotFoundError } from '@breakwater/errors';
import { json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import type { ItemRepository } from '../item-repository.ts';

const listItems = route({
  method: 'get',
  path: '/items',
  summary: 'The items, by id',
  request: { query: itemQuery },
  responses: { 200: json(itemList, 'Items and how many there are in all.') },
  errors: [LimitTooLargeError],
});

const getItem = route({
  method: 'get',
  path: '/items/{id}',
  summary: 'One item with its price and stock',
  request: { params: z.strictObject({ id }) },
  responses: { 200: json(item, 'The item.') },
  errors: [NotFoundError.of('item')],
});

/** Adds the operations on items. */
export function mountItems(app: Service['app'], items: ItemRepository): void {
  app.openapi(listItems, async (c) => {
    const { limit, offset } = c.req.valid('query');
    return c.json(await items.list(limit, offset), 200);
  });
  app.openapi(getItem, async (c) => c.json(await items.get(c.req.valid('param').id), 200));
}
