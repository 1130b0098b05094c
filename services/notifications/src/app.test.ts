import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type DeliveryRequest, deliveryRequest } from '@breakwater/contracts';
import { OverloadedError } from '@breakwater/errors';
import { testResilience } from '@breakwater/resilience/testing';
import {
  eventually,
  type LogLine,
  type PeerServer,
  type Requester,
  requester,
  servePeer,
  testTelemetry,
} from '@breakwater/testing';
import { createApp } from './app.ts';
import { connectDelivery } from './peers.ts';

const REQUEST = { order_id: 'order-1', user_id: 'user1', kind: 'order_paid' };

let unstable: PeerServer;
let request: Requester;
let lines: LogLine[];
const delivered: DeliveryRequest[] = [];
let answer: () => Response | Promise<Response>;

before(async () => {
  unstable = await servePeer('unstable');
  unstable.app.post('/deliveries', async (c) => {
    delivered.push(deliveryRequest.parse(await c.req.json()));
    return answer();
  });
});
beforeEach(() => {
  const telemetry = testTelemetry('notifications');
  const { resilience } = testResilience({ metrics: false });
  const delivery = connectDelivery(unstable.url, resilience);
  request = requester(createApp({ ...telemetry, delivery }).app);
  lines = telemetry.lines;
  delivered.length = 0;
  answer = () => Response.json({ id: 'delivery-1', status: 'accepted' }, { status: 202 });
});
after(() => unstable.stop());

const notify = (body: object = REQUEST) => request('POST', '/notifications', { body });

test('a message is sent in words, and the answer says so', async () => {
  const { status, body } = await notify();
  assert.equal(status, 202);
  assert.deepEqual(body, { ...REQUEST, id: 'delivery-1', status: 'sent' });
  assert.equal(delivered.length, 1);
  assert.equal(delivered[0]?.to, 'user1');
  assert.match(delivered[0]?.body ?? '', /order-1/);
});

test('what does not fit the schema is not sent', async () => {
  const bad = [
    { ...REQUEST, kind: 'birthday' },
    { ...REQUEST, user_id: '' },
    { ...REQUEST, x: 1 },
  ];
  for (const body of bad) assert.equal((await notify(body)).status, 422, JSON.stringify(body));
  assert.equal(delivered.length, 0);
});

test('a failure is told by the contract, and the message is not sent twice', async () => {
  answer = () => {
    throw new OverloadedError('Not now.');
  };
  const refused = await notify();
  assert.deepEqual([refused.status, refused.body.error_code], [503, 'DEPENDENCY_UNAVAILABLE']);
  assert.equal(refused.body.context.dependency, 'delivery');
  answer = () => new Response('{"id":', { status: 202 });
  assert.equal((await notify()).status, 502);
  assert.equal(delivered.length, 2);
  assert.ok(lines.every(({ error_undeclared }) => error_undeclared === undefined));
});

test('an outside world that hangs takes twenty requests with it, and refuses no longer wait', async () => {
  const held: (() => void)[] = [];
  answer = () =>
    new Promise((resolve) => {
      held.push(() => resolve(Response.json({ id: 'delivery-1', status: 'accepted' })));
    });
  const all = Array.from({ length: 25 }, () => notify());
  const refused = await Promise.all(all.slice(20));
  for (const { status, body } of refused) {
    assert.deepEqual([status, body.error_code], [503, 'BULKHEAD_FULL']);
  }
  await eventually(async () => assert.equal(held.length, 20));
  for (const release of held) release();
  for (const { status } of await Promise.all(all.slice(0, 20))) assert.equal(status, 202);
});
