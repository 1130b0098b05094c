/**
 * What a service answers when a peer or the provider fails.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import {
  buyer,
  closedCircuits,
  codeOf,
  control,
  fault,
  fleet,
  noFaults,
  oneOf,
  order,
  type Request,
  witness,
} from './scene.ts';

test('a provider that fails: what is known of the money decides', async () => {
  const place = () => ['POST', '/orders', order('item1')] as Request;
  const pay = (id: string) =>
    ['POST', '/payments', { body: { order_id: id, amount_cents: 500, currency: 'EUR' } }] as [
      string,
      string,
      object,
    ];

  await fault({ route: 'POST /charges', kind: 'status', status: 503 });
  await oneOf('a provider that is down', 'payments', pay('f-1'), ['PROVIDER_UNAVAILABLE']);
  await noFaults();
  await closedCircuits();
  await fault({ route: 'POST /charges', kind: 'status', status: 500 });
  await oneOf('a provider with a bug', 'payments', pay('f-2'), ['PROVIDER_ERROR']);
  await oneOf('a provider with a bug', 'gateway', place(), ['BAD_GATEWAY']);
  await noFaults();
  await closedCircuits();
  await fault({ route: 'POST /charges', kind: 'hang' });
  await oneOf('a provider that hangs', 'payments', pay('f-3'), ['PAYMENT_OUTCOME_UNKNOWN']);
  await oneOf('a provider that hangs', 'orders', place(), ['PAYMENT_PENDING']);
  await oneOf('a provider that hangs', 'gateway', place(), ['DEPENDENCY_TIMEOUT']);
  await noFaults();
  await closedCircuits();

  await fault({ route: 'POST /charges', kind: 'latency', latency_ms: 700 });
  for (const service of ['orders', 'gateway']) {
    const headers = { 'idempotency-key': `twins-${service}` };
    await witness.step('the same order twice at once', async () => {
      const answers = await Promise.all(
        [1, 2].map(() => witness.ask(service, 'POST', '/orders', { ...order('item1'), headers })),
      );
      const codes = answers.map(({ body }) => body.error_code);
      assert.ok(codes.includes('ORDER_IN_PROGRESS'), JSON.stringify(codes));
    });
  }
  await noFaults();
});

/** Freezes a service and lets it go on afterwards: its socket takes requests, nobody answers. */
async function whileFrozen(name: string, work: () => Promise<void>): Promise<void> {
  const { pid } = fleet.service(name);
  process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** A call of each service to a peer, by caller and peer. */
const CALLS: [caller: string, peer: string, request: () => Request][] = [
  ['gateway', 'catalog', () => ['GET', '/items/item1']],
  ['gateway', 'users', () => ['GET', '/users/none']],
  ['gateway', 'orders', () => ['GET', '/orders/none']],
  ['orders', 'catalog', () => ['POST', '/orders', order('item1')]],
  ['users', 'orders', () => ['DELETE', `/users/${buyer}`]],
];

test('peers that are gone, frozen, too slow for so many, or cut off', async () => {
  for (const [caller, peer, request] of CALLS) {
    await closedCircuits();
    await witness.step(`${peer} is frozen`, async () => {
      await whileFrozen(peer, async () => {
        const { status, body } = await witness.ask(caller, ...request());
        assert.equal(status, 504, JSON.stringify(body));
      });
    });
    await witness.step(`${peer} is cut off by hand`, async () => {
      const steer = (action: string, more: object = {}) =>
        fleet.operate(caller)('POST', `/breakers/${peer}/${action}`, {
          ...control,
          body: { by: 'test', why: 'to see it', ...more },
        });
      assert.equal((await steer('isolate', { for_s: 60 })).status, 200);
      const { status, body } = await witness.ask(caller, ...request());
      assert.deepEqual([status, codeOf(body)], [503, 'CIRCUIT_ISOLATED']);
      assert.equal((await steer('release')).status, 200);
      await eventually(async () => {
        const answer = await fleet.ask(caller)(...request());
        assert.ok(answer.status < 500, JSON.stringify(answer.body));
      });
    });
    await witness.step('releasing what is not cut off', async () => {
      const answer = await witness.operate(caller, 'POST', `/breakers/${peer}/release`, {
        ...control,
        body: { by: 'test', why: 'by mistake' },
      });
      assert.equal(answer.status, 409);
    });
  }
});

test('a peer that is killed: refused at first, then by the circuit', async () => {
  for (const [caller, peer, request] of [
    ['gateway', 'catalog', ['GET', '/items/item1']],
    ['orders', 'catalog', ['POST', '/orders', order('item1')]],
  ] as [string, string, Request][]) {
    await closedCircuits();
    await witness.step(`${peer} is killed`, async () => {
      await fleet.service(peer).stop('SIGKILL');
      const codes = new Set<string>();
      await eventually(async () => {
        const { status, body } = await witness.ask(caller, ...request);
        assert.equal(status, 503);
        codes.add(body.error_code);
        assert.deepEqual([...codes].sort(), ['CIRCUIT_OPEN', 'DEPENDENCY_UNAVAILABLE']);
      });
      await fleet.restart(peer);
      await eventually(async () => {
        const answer = await fleet.ask(caller)(...request);
        assert.ok(answer.status < 300, 'recovers by itself');
      });
    });
  }
});

test('more calls to a frozen peer than its bulkhead takes', async () => {
  const calls: [caller: string, peer: string, request: () => Request][] = [
    ['gateway', 'catalog', () => ['GET', '/items/item1']],
    ['orders', 'catalog', () => ['POST', '/orders', order('item1')]],
    ['users', 'orders', () => ['DELETE', `/users/${buyer}`]],
  ];
  for (const [caller, peer, request] of calls) {
    await closedCircuits();
    await witness.step(`115 calls to ${peer} at once, and it is frozen`, async () => {
      await whileFrozen(peer, async () => {
        const answers = await Promise.all(
          Array.from({ length: 115 }, () => witness.ask(caller, ...request())),
        );
        const codes = new Set(answers.map(({ body }) => codeOf(body)));
        assert.ok(codes.has('BULKHEAD_FULL'), [...codes].join());
      });
    });
  }
});

test('more requests a minute than the gateway takes from one address', async () => {
  await witness.step('the sixth request, where five a minute are allowed', async () => {
    await fleet.service('gateway').stop();
    await fleet.restart('gateway', { RATE_LIMIT_PER_MINUTE: '5' });
    for (let i = 0; i < 5; i++) await fleet.ask('gateway')('GET', '/items/item1');
    const { status, body } = await witness.ask('gateway', 'GET', '/items/item1');
    assert.deepEqual([status, body.error_code], [429, 'RATE_LIMITED']);
  });
  await fleet.service('gateway').stop();
  await fleet.restart('gateway');
});
