/**
 * Active series must not grow with users, items, tenants or URLs: a label that names one of them
 * would fill Prometheus within a day.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type OtlpReceiver, startOtlpReceiver } from '../otel/node/src/testing/index.ts';
import { type Fleet, serviceNames, startFleet } from './fleet.ts';

const FEW = 2;
const GROWTH = 100;
/** Outcomes that a busy machine brings about for the first time, such as a timeout. */
const INCIDENTAL = 20;
/** Part of every name that the traffic makes up. */
const MARK = 'zq7';
const WORKERS = 6;

let fleet: Fleet;
let receiver: OtlpReceiver;

before(async () => {
  receiver = await startOtlpReceiver();
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  fleet = await startFleet(Object.fromEntries(serviceNames().map((name) => [name, telemetry])));
});
after(async () => {
  try {
    await fleet.stop();
  } finally {
    // A receiver that listens keeps the process alive, also when the fleet did not start.
    await receiver.close();
  }
});

/** So many new users, items, tenants and URLs, each in everything that knows of such things. */
async function drive(count: number, round: string): Promise<void> {
  const marks = Array.from({ length: count }, (_, i) => `${MARK}-${round}-${i}`);
  const catalog = new pg.Client(new URL('/catalog', fleet.postgres.url).href);
  await catalog.connect();
  const columns = '(id, name, price_cents, currency, stock)';
  await catalog.query(
    `insert into items ${columns} select id, id, 500, 'EUR', 10 from unnest($1::text[]) as id`,
    [marks],
  );
  await catalog.end();
  const queue = marks.values();
  const work = async () => {
    for (const mark of queue) await visit(mark);
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  await spansHaveCome();
}

/** Asks every service once more: its spans are exported in order, so all before have come, too. */
async function spansHaveCome(): Promise<void> {
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
  for (const service of serviceNames()) {
    await fleet.ask(service)('GET', '/nowhere', { headers });
    await receiver.waitFor(
      (span) => span.traceId === traceId && span.resource['service.name'] === service,
    );
  }
}

async function visit(mark: string): Promise<void> {
  const headers = {
    'x-tenant-id': mark,
    'x-request-id': mark,
    'user-agent': mark,
    baggage: `tenant=${mark}`,
    'idempotency-key': mark,
  };
  const ask = (service: string, method: string, path: string, body?: object) =>
    fleet.ask(service)(method, path, { headers, ...(body ? { body } : {}) });

  const user = await ask('gateway', 'POST', '/users', { email: `${mark}@e.org`, name: mark });
  await ask('gateway', 'GET', `/users/${user.body.id}`);
  await ask('gateway', 'GET', `/items/${mark}`);
  await ask('gateway', 'GET', `/items/no-${mark}`);
  const order = await ask('gateway', 'POST', '/orders', {
    ...{ user_id: user.body.id, item_id: mark, quantity: 1 },
  });
  await ask('gateway', 'GET', `/orders/${order.body.id}`);
  await ask('payments', 'GET', `/payments/${mark}`);
  await ask('catalog', 'GET', `/reservations/${mark}`);
  await ask('unstable', 'GET', `/charges?reference=${mark}`);
  for (const service of serviceNames()) await ask(service, 'GET', `/${mark}/of/${mark}?q=${mark}`);
}

/** Every series of every service, and those that the collector would make of their spans. */
async function activeSeries(): Promise<Set<string>> {
  const series = new Set<string>();
  for (const [name, { operationsUrl }] of fleet.services) {
    const text = await (await fetch(`${operationsUrl}/metrics`)).text();
    for (const line of text.split('\n')) {
      const found = /^(\w+(?:\{.*?\})?) [-+\dN]/.exec(line)?.[1];
      // Node's own are bounded by its kinds of handles and collections, which come and go.
      if (found && !found.startsWith('nodejs_')) series.add(`${name} ${found}`);
    }
  }
  for (const { resource, kind, name, status } of receiver.spans) {
    series.add(`span metrics of ${resource['service.name']}: ${kind} ${name} ${status}`);
  }
  return series;
}

test('active series stay the same while users, items, tenants and URLs grow 100 times', async () => {
  await drive(FEW, 'few');
  const before = await activeSeries();
  await drive(FEW * GROWTH, 'many');
  const after = await activeSeries();
  const grown = [...after].filter((name) => !before.has(name));
  console.log(`${before.size} series, ${grown.length} more after ${FEW * GROWTH} of everything`);
  assert.ok(before.size > 500, 'services were asked');
  assert.ok(
    receiver.spans.some(({ kind }) => kind === 'SERVER'),
    'spans were received',
  );
  const named = [...after].filter((name) => name.includes(MARK)).slice(0, 10);
  assert.deepEqual(named, [], 'series that name what the traffic made up, the first ten');
  assert.ok(grown.length <= INCIDENTAL, `new series:\n${grown.slice(0, 50).join('\n')}`);
});
