/**
 * `GET /items` and `GET /items/{id}`.
 *
 * @module
 */

import { PEER_ERRORS } from '@breakwater/client';
import { type ItemList, id, item, itemList, itemQuery } from '@breakwater/contracts';
import { LimitTooLargeError, NotFoundError } from '@breakwater/errors';
import { json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import { LastAnswers } from '../last-answers.ts';
import type { Peers } from '../peers.ts';

const listItems = route({
  method: 'get',
  path: '/items',
  summary: 'The items, by id',
  description:
    'While too many calls to catalog fail, the list is the last good one of the last five minutes, and X-Degraded is true.',
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

/** Lists that are kept for the degraded mode: one for each page that is asked for. */
const KEPT_PAGES = 100;
const KEPT_MS = 300_000;

/** Adds the operations on items. */
export function mountItems({ app, degradation }: Service, peers: Peers): void {
  const lastLists = new LastAnswers<ItemList>(KEPT_PAGES, KEPT_MS);

  app.openapi(listItems, async (c) => {
    const page = c.req.valid('query');
    const question = `${page.limit}:${page.offset}`;
    const list = await degradation.answer(c, {
      dependsOn: 'catalog',
      normally: async () => lastLists.keep(question, await peers.listItems(page)),
      instead: () => lastLists.find(question),
    });
    return c.json(list, 200);
  });

  app.openapi(getItem, async (c) => c.json(await peers.getItem(c.req.valid('param').id), 200));
}
