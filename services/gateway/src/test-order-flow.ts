/**
 * An order through all services, whichever way they ask each other: the tests of both transports.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type Charge, ORDER_ERRORS, type Order } from '@breakwater/contracts';
import {
  type Answer,
  eventually,
  ORDER_SERVICES,
  type OrderServices,
  startOrderServices,
} from '@breakwater/testing';

/** What catalog's migration puts in. */
const SEEDED = { item1: 1_000_000, item2: 2, item3: 1_000 };

/** Declares the tests, for orders that asks its peers over one transport. */
export function testOrderFlow(transport: 'rest' | 'grpc'): void {
  let services: OrderServices;
  let keys = 0;

  before(async () => {
    services = await startOrderServices({
      orders: {
        PEER_TRANSPORT: transport,
        RECONCILE_SWEEP_MS: '1000',
        RECONCILE_PENDING_MS: '1000',
      },
    });
  });

  /** Circuits that the faults of one test opened must not fail the next. */
  afterEach(async () => {
    await services.control('DELETE', '/faults');
    await eventually(async () => {
      for (let i = 0; i < 5; i++) assert.equal((await place(newKey())).status, 201);
    });
  });

  after(async () => {
    await services.stop();
  });

  const newKey = () => `key-${++keys}`;

  function place(
    key: string,
    order: object = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return services.ask.gateway('POST', '/orders', {
      body: { user_id: 'user1', item_id: 'item1', quantity: 1, ...order },
      headers: { 'idempotency-key': key, ...headers },
    });
  }

  /**
   * Comes back for as long as the contract says to: a crash may have opened circuits on the way, and
   * an attempt that was given up may still be at work on the order.
   */
  async function placeWhenTold(key: string): Promise<Order> {
    const refused: Answer[] = [];
    const order = await eventually(async () => {
      const answer = await place(key);
      if (answer.status < 300) return answer.body;
      refused.push(answer);
      throw new Error(JSON.stringify(answer.body));
    });
    for (const { status, headers, body } of refused) {
      const isInProgress = body.error_code === ORDER_ERRORS.inProgress.code;
      assert.ok(isInProgress || (status >= 503 && headers.get('retry-after')), body.error_code);
    }
    return order;
  }

  async function getOrder(id: string): Promise<Order> {
    return (await services.ask.gateway('GET', `/orders/${id}`)).body;
  }

  async function chargesFor(orderId: string): Promise<Charge[]> {
    return (await services.ask.unstable('GET', `/charges?reference=${orderId}`)).body.charges;
  }

  async function allOrders(): Promise<Order[]> {
    const orders: Order[] = [];
    for (;;) {
      const path = `/orders?limit=100&offset=${orders.length}`;
      const page = (await services.ask.orders('GET', path)).body;
      orders.push(...page.orders);
      if (page.orders.length === 0 || orders.length >= page.total) return orders;
    }
  }

  async function breakProvider(fault: object): Promise<void> {
    const body = { route: 'POST /charges', ...fault };
    const { status } = await services.control('PUT', '/faults', { body });
    assert.equal(status, 200);
  }

  /** Every order has an outcome; a paid one has one charge, any other none; stock adds up. */
  async function assertNothingIsLost(): Promise<void> {
    await eventually(async () => {
      const open = (await allOrders()).filter(({ status }) => /pending/.test(status));
      assert.deepEqual(
        open.map(({ id, status }) => `${id} ${status}`),
        [],
      );
    });
    const orders = await allOrders();
    for (const order of orders) {
      const charges = await chargesFor(order.id);
      assert.equal(charges.length, order.status === 'paid' ? 1 : 0, `${order.id} ${order.status}`);
      if (charges[0]) assert.equal(charges[0].amount_cents, order.total_cents);
    }
    await eventually(async () => {
      for (const [item, seeded] of Object.entries(SEEDED)) {
        const sold = orders
          .filter(({ item_id, status }) => item_id === item && status === 'paid')
          .reduce((sum, { quantity }) => sum + quantity, 0);
        const { stock } = (await services.ask.catalog('GET', `/items/${item}`)).body;
        assert.equal(stock, seeded - sold, item);
      }
    });
  }

  test('an order is placed: stock taken, charged once, and the same for each repeat', async () => {
    const key = newKey();
    const first = await place(key, { quantity: 2 });
    assert.equal(first.status, 201);
    assert.equal(first.body.status, 'paid');
    assert.equal(first.body.total_cents, 1000);
    const { user, ...asked } = await getOrder(first.body.id);
    assert.deepEqual(asked, first.body);
    assert.equal(user?.status, 'degraded', 'users is away, and the order is told all the same');

    const repeat = await place(key, { quantity: 2 });
    assert.equal(repeat.status, 200);
    assert.equal(repeat.headers.get('idempotent-replay'), 'true');
    assert.deepEqual(repeat.body, first.body);
    const other = await place(key, { quantity: 3 });
    assert.equal(other.body.error_code, 'IDEMPOTENCY_KEY_REUSED');
    await assertNothingIsLost();
  });

  test('what the client or the business forbids is told with its own code', async () => {
    const invalid = await place(newKey(), { quantity: 0 });
    assert.equal(invalid.status, 422);
    const cases: [object, number, string][] = [
      [{ item_id: 'nothing' }, 404, 'ITEM_NOT_FOUND'],
      [{ item_id: 'item2', quantity: 10 }, 409, 'INSUFFICIENT_STOCK'],
      [{ item_id: 'item3' }, 409, 'PAYMENT_DECLINED'],
    ];
    for (const [order, status, code] of cases) {
      const answer = await place(newKey(), order);
      assert.equal(answer.status, status, code);
      assert.equal(answer.body.error_code, code);
    }
    assert.equal((await services.ask.gateway('GET', '/orders/nothing')).status, 404);
    assert.equal((await services.ask.gateway('GET', '/items?limit=1000')).status, 400);
    await assertNothingIsLost();

    const traceId = invalid.headers.get('x-trace-id');
    const logged = ORDER_SERVICES.filter((name) =>
      services.processes[name].lines.some(({ trace_id }) => trace_id === traceId),
    );
    assert.deepEqual(logged, ['gateway'], 'a 422 never leaves the edge');
  });

  for (const flags of ['01', '00']) {
    test(`one trace leads through all five services, from a traceparent ending in -${flags}`, async () => {
      const traceId = `4bf92f3577b34da6a3ce929d0e0e47${flags}`;
      await breakProvider({ kind: 'status', status: 503 });
      const traceparent = `00-${traceId}-00f067aa0ba902b7-${flags}`;
      const answer = await place(newKey(), {}, { traceparent });
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('x-trace-id'), traceId);
      assert.equal(answer.body.trace_id, traceId);
      for (const name of ORDER_SERVICES) {
        await eventually(async () => {
          const lines = services.processes[name].lines.filter(
            ({ trace_id }) => trace_id === traceId,
          );
          const failures = lines.filter(({ error_code }) => error_code !== undefined);
          assert.ok(lines.length > 0, `${name} logged nothing`);
          // A retry is a failure of its own for whoever is asked again, never for the client.
          if (name === 'gateway') assert.equal(failures.length, 1);
          else assert.equal(failures.length > 0, name !== 'catalog', name);
        });
      }
    });
  }

  const faults: { fault: object; status: number; order: Order['status'] }[] = [
    { fault: { kind: 'status', status: 500 }, status: 502, order: 'payment_failed' },
    { fault: { kind: 'status', status: 503 }, status: 503, order: 'payment_failed' },
    { fault: { kind: 'status', status: 429 }, status: 503, order: 'payment_failed' },
    { fault: { kind: 'latency', latency_ms: 300 }, status: 201, order: 'paid' },
    { fault: { kind: 'latency', latency_ms: 5_000 }, status: 504, order: 'payment_pending' },
    { fault: { kind: 'hang' }, status: 504, order: 'payment_pending' },
    { fault: { kind: 'hang', when: 'before' }, status: 504, order: 'payment_pending' },
    { fault: { kind: 'abort' }, status: 504, order: 'payment_pending' },
    { fault: { kind: 'abort', when: 'before' }, status: 504, order: 'payment_pending' },
    { fault: { kind: 'malformed' }, status: 504, order: 'payment_pending' },
  ];
  for (const { fault, status, order } of faults) {
    test(`a provider with ${JSON.stringify(fault)} answers ${status} and loses nothing`, async () => {
      await breakProvider(fault);
      const key = newKey();
      const answer = await place(key);
      assert.equal(answer.status, status);
      const id = answer.body.id ?? answer.body.context.order_id;
      assert.equal((await getOrder(id)).status, order);
      await services.control('DELETE', '/faults');
      await assertNothingIsLost();
      const repeat = await place(key);
      assert.equal(repeat.status, order === 'payment_failed' ? 201 : 200);
      assert.equal(repeat.body.id, id);
      assert.equal(repeat.body.status, 'paid');
      await assertNothingIsLost();
    });
  }

  test('a client that prefers not to wait gets 202 and finds the order paid later', async () => {
    await breakProvider({ kind: 'malformed' });
    const answer = await place(newKey(), {}, { prefer: 'respond-async' });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.status, 'payment_pending');
    assert.equal(answer.headers.get('location'), `/orders/${answer.body.id}`);
    await services.control('DELETE', '/faults');
    await eventually(async () => assert.equal((await getOrder(answer.body.id)).status, 'paid'));
  });

  test('many orders through a provider that fails in every way at once, each repeated', async () => {
    for (const [seed, kind] of ['status', 'abort', 'malformed', 'hang'].entries()) {
      await breakProvider({ kind, rate: 0.25, seed });
    }
    const batch = Array.from({ length: 24 }, newKey);
    const statuses = (await Promise.all(batch.map((key) => place(key)))).map(
      ({ status }) => status,
    );
    assert.ok(new Set(statuses).size > 1, `some fail: ${statuses}`);
    // Clients may repeat at any time, also while an order is in the reconciler's hands.
    await Promise.all(batch.map((key) => place(key)));
    await services.control('DELETE', '/faults');
    await assertNothingIsLost();
  });

  test('an order whose service crashes while it is paid is settled after the restart', async () => {
    await breakProvider({ kind: 'hang', when: 'before' });
    const cut = place(newKey());
    await eventually(async () => {
      const { faults } = (await services.control('GET', '/faults')).body;
      assert.equal(faults[0].hits, 1);
    });
    await services.crash('orders');
    assert.equal((await cut).status, 503);
    await services.control('DELETE', '/faults');
    await services.restart('orders');
    const pending = (await allOrders()).filter(({ status }) => status === 'pending');
    assert.equal(pending.length, 1);
    await assertNothingIsLost();
    assert.equal((await getOrder(pending[0]?.id ?? '')).status, 'paid');
  });

  test('without payments or catalog an order waits or fails, and is paid when they are back', async () => {
    for (const name of ['payments', 'catalog'] as const) {
      const key = newKey();
      await services.crash(name);
      const answer = await place(key).finally(() => services.restart(name));
      // A request on a connection that the crash broke may have arrived: its outcome is unknown.
      assert.match(String(answer.status), name === 'payments' ? /^50[34]$/ : /^503$/);
      assert.equal(answer.body.context.dependency, 'orders');
      await assertNothingIsLost();
      assert.equal((await placeWhenTold(key)).status, 'paid', name);
      await assertNothingIsLost();
    }
  });

  test('no service answered with a bug, or with an error it does not declare', () => {
    for (const name of ORDER_SERVICES) {
      for (const line of services.processes[name].lines) {
        assert.notEqual(line.error_code, 'INTERNAL_ERROR', JSON.stringify(line));
        assert.notEqual(line.error_undeclared, true, JSON.stringify(line));
      }
    }
  });

  test('catalog and payments were asked over this transport, and no other', () => {
    for (const name of ['catalog', 'payments'] as const) {
      const { lines } = services.processes[name];
      const served = (field: string) => lines.filter((line) => line[field] !== undefined).length;
      const [rest, grpc] = [served('http.route'), served('rpc.method')];
      assert.equal(grpc > 0, transport === 'grpc', `${name} served ${grpc} calls`);
      // The test itself asks catalog over REST.
      if (name === 'payments') assert.equal(rest > 0, transport === 'rest');
    }
  });
}
