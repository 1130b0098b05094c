import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry } from '@breakwater/telemetry';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { ContractRequests } from './contract-requests.ts';

async function counted(registry: object): Promise<Record<string, number>> {
  const text = await (registry as Registry).metrics();
  const lines = text.matchAll(/^contract_requests_total\{(.*?)\} (\d+)/gm);
  return Object.fromEntries(
    [...lines].map(([, labels = '', count]) => [
      [...labels.matchAll(/"(.*?)"/g)].map(([, value]) => value).join(' '),
      Number(count),
    ]),
  );
}

test('counts who asks for which version, and all whom nobody named as one', async () => {
  const registry = createRegistry();
  const requests = new ContractRequests({
    contract: 'parts',
    consumers: ['shop', 'depot'],
    registry,
  });
  const app = new Hono();
  app.use('/v1/*', requests.of('v1')).use('/v2/*', requests.of('v2'));
  app.all('*', (c) => c.text('ok'));
  const ask = (path: string, agent?: string) =>
    app.request(path, { headers: agent === undefined ? {} : { 'user-agent': agent } });

  for (const agent of ['shop/1.2.3 node/24', 'shop', 'shop (linux)', undefined, 'shopper/1', '']) {
    await ask('/v1/a', agent);
  }
  for (let i = 0; i < 50; i++) await ask('/v2/a', `nobody-${i}/1.0`);
  assert.deepEqual(await counted(registry), {
    'parts v1 shop': 3,
    'parts v1 depot': 0,
    'parts v1 other': 3,
    'parts v2 shop': 0,
    'parts v2 depot': 0,
    'parts v2 other': 50,
  });
});

test('contracts of one registry share their metric', async () => {
  const registry = createRegistry();
  for (const contract of ['parts', 'prices']) {
    new ContractRequests({ contract, consumers: [], registry }).count('v1', 'x');
  }
  assert.deepEqual(await counted(registry), { 'parts v1 other': 1, 'prices v1 other': 1 });
});
