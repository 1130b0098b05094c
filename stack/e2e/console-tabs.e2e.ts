import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, type TestContext, test } from 'node:test';
import { serve } from '@hono/node-server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium, NO_CHROMIUM } from '../../dashboards/src/chromium.ts';
import { testApp } from '../../packages/console/src/test-app.ts';

const CHROMIUM = findChromium();
/** In CI a test that does not run is one that fails. */
const skip = CHROMIUM || process.env.CI ? false : NO_CHROMIUM;
const PATIENCE_MS = 15_000;
const TABS = 12;

/** The console as it listens, with sources in memory. */
async function listening(t: TestContext) {
  const { service, live } = testApp(t);
  const server = serve({ fetch: service.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return { live, url: `http://127.0.0.1:${address.port}` };
}

async function waitUntil(holds: () => boolean, what: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!holds()) {
    assert.ok(Date.now() < until, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('tabs of the console in one browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGS });
  });
  after(() => browser?.close());

  for (const [name, without] of [
    ['share one stream', ''],
    ['each have a stream only while they are seen, without shared workers', 'SharedWorker'],
  ] as const) {
    test(name, async (t) => {
      const { live, url } = await listening(t);
      const context = await browser.newContext();
      t.after(() => context.close());
      context.setDefaultTimeout(PATIENCE_MS);
      if (without) await context.addInitScript(`delete globalThis.${without}`);
      const tabs: Page[] = [];
      for (let i = 0; i < TABS; i++) {
        // Headless tabs are all seen; a telephone shows one.
        for (const tab of without ? tabs : []) await hide(tab);
        const tab = await context.newPage();
        tabs.push(tab);
        await tab.goto(`${url}${['/', '/circuits', '/experiments'][i % 3]}`);
        await tab.locator('#connection:text("live")').waitFor();
      }
      await waitUntil(() => live.viewers === 1, `${live.viewers} streams`);

      const refused = await tabs[0]?.evaluate(async () => {
        const headers = { 'content-type': 'application/json', 'x-console-token': 'wrong' };
        const response = await fetch('/circuits/release', { method: 'POST', headers, body: '{}' });
        return response.status;
      });
      assert.equal(refused, 401, 'the first can still act');
      for (const tab of tabs) await tab.close();
      await waitUntil(() => live.viewers === 0, `${live.viewers} streams after all are closed`);
    });
  }
});

/** What a browser does to a tab behind another. */
async function hide(tab: Page): Promise<void> {
  await tab.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
