/**
 * What users do, one request each.
 *
 * @module
 */
import { type Request, send } from './request.ts';

const placeOrder = (body: object): Pick<Request, 'method' | 'path' | 'body'> => ({
  method: 'POST',
  path: '/orders',
  body,
});

export const browse = () =>
  send({ name: 'browse', method: 'GET', path: '/items', expected: [200] });

export const viewItem = () =>
  send({ name: 'view item', method: 'GET', path: '/items/item1', expected: [200] });

export const order = () =>
  send({
    name: 'order',
    ...placeOrder({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
    expected: [201],
  });

export const missingItem = () =>
  send({ name: 'missing item', method: 'GET', path: '/items/nowhere', expected: [404] });

export const outOfStock = () =>
  send({
    name: 'out of stock',
    ...placeOrder({ user_id: 'user1', item_id: 'item2', quantity: 10 }),
    expected: [409],
  });

export const wrongInput = () =>
  send({
    name: 'wrong input',
    ...placeOrder({ user_id: 'user1', item_id: 'item1', quantity: 'many' }),
    expected: [422],
  });
