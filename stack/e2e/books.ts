/**
 * Whether orders, charges and stock tell the same story.
 *
 * @module
 */
import assert from 'node:assert/strict';
import type { TestStack } from './test-stack.ts';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly item_id: string;
  readonly quantity: number;
  readonly total_cents: number | null;
}

const PAGE = 100;

/** What catalog's migration puts in of `item1`. */
const SEEDED = 1_000_000;

/** Every order there is. */
export async function allOrders(stack: TestStack): Promise<Order[]> {
  const orders: Order[] = [];
  for (;;) {
    const path = `/orders?limit=${PAGE}&offset=${orders.length}`;
    const page = await get(`${stack.url('ORDERS_PORT')}${path}`);
    orders.push(...(page.orders as Order[]));
    if (orders.length >= (page.total as number)) return orders;
  }
}

/** Fails while an order waits for its outcome. */
export async function assertSettled(stack: TestStack): Promise<void> {
  const open = (await allOrders(stack)).filter(({ status }) => /pending/.test(status));
  assert.equal(open.length, 0, `${open.length} orders wait for their outcome`);
}

/**
 * Fails unless each paid order has exactly one charge, over its amount, each other order none, and
 * the stock is what was seeded less what is paid.
 */
export async function assertBooksBalance(stack: TestStack): Promise<void> {
  const orders = await allOrders(stack);
  const pending = orders.values();
  const check = async () => {
    for (const order of pending) await assertCharged(stack, order);
  };
  await Promise.all(Array.from({ length: 10 }, check));
  const sold = orders
    .filter(({ item_id, status }) => item_id === 'item1' && status === 'paid')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const { stock } = await get(`${stack.url('CATALOG_PORT')}/items/item1`);
  assert.equal(stock, SEEDED - sold, 'stock that is neither there nor paid');
}

async function assertCharged(stack: TestStack, order: Order): Promise<void> {
  const url = `${stack.url('UNSTABLE_PORT')}/charges?reference=${order.id}`;
  const charges = (await get(url)).charges as { amount_cents: number }[];
  const amounts = charges.map(({ amount_cents }) => amount_cents);
  const expected = order.status === 'paid' ? [order.total_cents] : [];
  assert.deepEqual(amounts, expected, `charges of ${order.id}, which is ${order.status}`);
}

async function get(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url} answered ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}
