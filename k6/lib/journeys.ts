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

export const order = (userId = 'user1') =>
  send({
    name: 'order',
    ...placeOrder({ user_id: userId, item_id: 'item1', quantity: 1 }),
    expected: [201],
  });

export const orderStatus = (orderId: string) =>
  send({ name: 'order status', method: 'GET', path: `/orders/${orderId}`, expected: [200] });

/** @param email one that nobody has */
export const signUp = (email: string) =>
  send({
    name: 'sign up',
    method: 'POST',
    path: '/users',
    body: { email, name: 'Load Test' },
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
