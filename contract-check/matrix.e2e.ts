/**
 * Services of the last release beside services of today, as real processes: whoever asks and whoever
 * is asked may be the older of the two.
 */
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  eventually,
  ORDER_SERVICES,
  type OrderService,
  type OrderServices,
  startOrderServices,
} from '@breakwater/testing';
import { readRelease } from './contract.ts';
import { RELEASED, releasedVersions } from './places.ts';
import { type ReleasedTree, unpackRelease, whyNoTree } from './released-tree.ts';

const { note } = readRelease(join(RELEASED, String(releasedVersions().at(-1))));
const missing = whyNoTree(note);
let tree: ReleasedTree;

/** Every service asks one of the other age: gateway, orders, then catalog and payments, provider. */
const AGES: Readonly<Record<string, readonly OrderService[]>> = {
  'orders of the release, between a gateway, a catalog and payments of today': [
    'orders',
    'unstable',
  ],
  'orders of today, between a gateway, a catalog and payments of the release': [
    'gateway',
    'catalog',
    'payments',
  ],
};

/** How orders asks catalog and payments. */
const TRANSPORTS = ['rest', 'grpc'] as const;

test(
  'the commit of the last release is in this clone',
  {
    skip: missing && !process.env.CI ? missing : false,
  },
  () => assert.equal(missing, undefined),
);

describe('services of the last release and of today', { skip: missing }, () => {
  before(async () => {
    tree = await unpackRelease(note);
  });
  after(() => tree.remove());

  for (const [what, old] of Object.entries(AGES)) {
    describe(what, () => {
      const orders = { PEER_TRANSPORT: '' };
      let services: OrderServices;
      before(async () => {
        const roots = Object.fromEntries(old.map((name) => [name, tree.root]));
        orders.PEER_TRANSPORT = TRANSPORTS[0];
        services = await startOrderServices({ orders }, roots);
      });
      after(() => services?.stop());

      test('each service is of its age', { skip: process.platform !== 'linux' }, () => {
        for (const name of ORDER_SERVICES) {
          const folder = readlinkSync(`/proc/${services.processes[name].pid}/cwd`);
          assert.equal(folder === tree.root, old.includes(name), `${name} runs in ${folder}`);
        }
      });

      for (const transport of TRANSPORTS) {
        describe(`over ${transport}`, () => {
          before(async () => {
            if (orders.PEER_TRANSPORT === transport) return;
            orders.PEER_TRANSPORT = transport;
            await services.processes.orders.stop();
            await services.restart('orders');
          });
          orderWorks(transport, () => services);
        });
      }
    });
  }
});

/** What an order can come to, each by the error contract. */
function orderWorks(transport: (typeof TRANSPORTS)[number], services: () => OrderServices): void {
  const place = (item_id: string, key: string, quantity = 1) =>
    services().ask.gateway('POST', '/orders', {
      body: { user_id: 'user-1', item_id, quantity },
      headers: { 'idempotency-key': `${transport}-${key}` },
    });
  const asked = () =>
    services().processes.payments.lines.filter((line) =>
      transport === 'rest'
        ? line['http.route'] === '/payments'
        : String(line['rpc.method']).endsWith('/TakePayment'),
    ).length;

  test('an order is paid, and is the same order when it is sent again', async () => {
    const before = asked();
    const placed = await place('item1', 'paid');
    assert.deepEqual([placed.status, placed.body.status], [201, 'paid'], JSON.stringify(placed));
    await eventually(async () =>
      assert.equal(asked(), before + 1, `payments was asked over ${transport}`),
    );
    const again = await place('item1', 'paid');
    assert.deepEqual([again.status, again.body.id], [200, placed.body.id]);
    const found = await services().ask.gateway('GET', `/orders/${placed.body.id}`);
    assert.equal(found.body.status, 'paid');
  });

  for (const [what, item, quantity, status, code] of [
    ['a card that is declined', 'item3', 1, 409, 'PAYMENT_DECLINED'],
    ['more than there is', 'item2', 100, 409, 'INSUFFICIENT_STOCK'],
    ['what nobody has', 'none', 1, 404, 'ITEM_NOT_FOUND'],
  ] as const) {
    test(`${what} is ${code}`, async () => {
      const { status: got, body } = await place(item, item, quantity);
      assert.deepEqual([got, body.error_code], [status, code], JSON.stringify(body));
    });
  }
}
