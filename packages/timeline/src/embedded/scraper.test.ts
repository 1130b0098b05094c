import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Scraper } from './scraper.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-scraper-'));
const targetsFile = join(folder, 'services.json');
let text = '';
const server = createServer((_, response) => response.end(text));
let address = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const orders = { targets: [address], labels: { service_name: 'orders' } };
  const gone = { targets: ['127.0.0.1:9'], labels: { service_name: 'gone' } };
  writeFileSync(targetsFile, JSON.stringify([orders, gone]));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function page(requests: number, failed: number, state: string, trace = 'abc'): string {
  const name = 'http_server_request_duration_seconds';
  return [
    `${name}_bucket{http_response_status_code="201",le="0.1"} ${requests / 2}`,
    `${name}_bucket{http_response_status_code="201",le="0.2"} ${requests}`,
    `${name}_bucket{http_response_status_code="201",le="+Inf"} ${requests}`,
    `${name}_count{http_response_status_code="201"} ${requests - failed}`,
    `${name}_count{http_response_status_code="503"} ${failed}`,
    ...['closed', 'open', 'half_open', 'isolated'].map(
      (each) =>
        `resilience_circuit_breaker_status{breaker="provider",state="${each}"} ${each === state ? 1 : 0}`,
    ),
    `service_errors_total{error_code="A"} ${failed} # {trace_id="${trace}"} 1 100.5`,
  ].join('\n');
}

test('rates, p99 and circuits over time come from what the services show', async () => {
  let nowMs = 100_000;
  const scraper = new Scraper({ targetsFile, now: () => nowMs });
  text = page(100, 0, 'closed');
  await scraper.scrape();
  nowMs = 110_000;
  text = page(300, 20, 'open');
  await scraper.scrape();

  const range = { fromMs: 100_000, toMs: 110_000 };
  const traffic = scraper.traffic(range, 10_000);
  assert.equal(traffic.length, 1);
  assert.deepEqual(traffic[0]?.points, [
    { timeMs: 110_000, ratePerS: 20, serverErrorsPerS: 2, p99S: 0.198 },
  ]);
  assert.deepEqual(scraper.breakers(range, 10_000), [
    {
      service: 'orders',
      instance: address,
      breaker: 'provider',
      points: [
        { timeMs: 100_000, state: 'closed' },
        { timeMs: 110_000, state: 'open' },
      ],
    },
  ]);
});

test('a process that restarted counts from its start', async () => {
  let nowMs = 100_000;
  const scraper = new Scraper({ targetsFile, now: () => nowMs });
  text = page(1_000, 0, 'closed');
  await scraper.scrape();
  nowMs = 110_000;
  text = page(50, 0, 'closed');
  await scraper.scrape();
  const [service] = scraper.traffic({ fromMs: 110_000, toMs: 110_000 }, 1_000);
  assert.equal(service?.points[0]?.ratePerS, 5);
});

test('a question is answered with what is so now, and exemplars are kept', async () => {
  let nowMs = 100_000;
  const scraper = new Scraper({ targetsFile, now: () => nowMs });
  text = page(10, 1, 'closed', 'first');
  const ask = () => scraper.query('service_errors_total{service_name="orders"}');
  assert.equal((await ask()).found[0]?.value, 1);
  nowMs += 1_000;
  text = page(10, 2, 'closed', 'second');
  assert.equal((await ask()).found[0]?.value, 2);
  const range = { fromMs: 0, toMs: 200_000 };
  const { found } = await scraper.exemplars('service_errors_total', range);
  assert.deepEqual(
    found.map(({ traceId }) => traceId),
    ['first', 'second'],
  );
});

test('the history and the exemplars are bounded', async () => {
  let nowMs = 0;
  const limits = { historyMs: 60_000, maxExemplars: 10 };
  const scraper = new Scraper({ targetsFile, now: () => nowMs, ...limits });
  for (let i = 0; i < 60; i++) {
    text = page(i, 0, 'closed', `trace${i}`);
    nowMs += 2_000;
    await scraper.scrape();
  }
  for (const { used, limit } of scraper.bounds()) assert.ok(used <= limit, `${used} > ${limit}`);
  const { found: kept } = await scraper.exemplars('service_errors_total', {
    fromMs: 0,
    toMs: nowMs,
  });
  assert.equal(kept.at(-1)?.traceId, 'trace59');
});

test('without a targets file there is nothing, and it is said', async () => {
  const file = join(folder, 'absent.json');
  const incomplete = `The file of targets, ${file}, cannot be read (ENOENT).`;
  const scraper = new Scraper({ targetsFile: file });
  assert.deepEqual(await scraper.query('service_errors_total'), { found: [], incomplete });
  const range = { fromMs: 0, toMs: 1 };
  assert.deepEqual(await scraper.exemplars('service_errors_total', range), {
    found: [],
    incomplete,
  });
});

test('a process that is silent is missing where it may have what is asked for', async () => {
  text = page(10, 1, 'closed');
  const scraper = new Scraper({ targetsFile });
  const ofOrders = await scraper.query('service_errors_total{service_name="orders"}');
  assert.equal(ofOrders.incomplete, undefined);
  const ofAll = await scraper.query('service_errors_total');
  assert.equal(ofAll.found.length, 1);
  assert.match(ofAll.incomplete ?? '', /^gone at http:\/\/127\.0\.0\.1:9 does not respond/);
});
