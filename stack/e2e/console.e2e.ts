import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium, NO_CHROMIUM } from '../../dashboards/src/chromium.ts';
import { ConsolePage, LOOKS } from './console-page.ts';
import { setFault, TestStack } from './test-stack.ts';

const CHROMIUM = findChromium();
/** In CI a test that does not run is one that fails. */
const skip = CHROMIUM || process.env.CI ? false : NO_CHROMIUM;
const TOKEN = 'a-token-for-tests';
/** `PICTURES=1` renews those of the documentation. */
const PICTURES = fileURLToPath(new URL('../../docs/images', import.meta.url));

/** `npm run test:long` looks at it with the native ones, whose timelines `npm run explain` tells. */
const BACKENDS = (process.env.BACKENDS ?? 'embedded').split(',');

for (const backends of BACKENDS) {
  describe(`the console, ${backends}`, { skip }, () => {
    const stack = new TestStack({}, { CONSOLE_TOKEN: TOKEN, DEMO_TRAFFIC: 'off' });
    let browser: Browser;
    let pages: ConsolePage[];

    before(async () => {
      await stack.up('--backends', backends);
      browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGS });
      const keep = process.env.PICTURES && backends === 'embedded' ? PICTURES : undefined;
      if (keep) mkdirSync(keep, { recursive: true });
      pages = await Promise.all(
        LOOKS.map((look) => ConsolePage.open(browser, stack.url('CONSOLE_PORT'), look, keep)),
      );
    });
    after(async () => {
      await browser?.close();
      await stack.down();
    });

    /** Does it in both widths at once; a failure of one waits until the other is done as well. */
    const each = async (act: (page: ConsolePage, i: number) => Promise<void>) => {
      const outcomes = await Promise.allSettled(pages.map(act));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    };

    test('an attack is started by keyboard; the circuit is seen to open live', async () => {
      await each(async (console) => {
        await console.goto(`/#token=${TOKEN}`);
        await console.see('[data-circuit="gateway/external"].state-closed');
        await console.see('#connection:text("live")');
      });
      const [wide] = pages as [ConsolePage];
      const starter = await wide.page.context().newPage();
      await starter.goto(`${stack.url('CONSOLE_PORT')}/experiments`);
      await starter.locator('button[aria-label="Start attack"]').focus();
      await starter.keyboard.press('Enter');
      await each(async (console) => {
        await console.see('[data-circuit="gateway/external"].state-open');
        await console.see('#now-failures a:has-text("CIRCUIT_OPEN")');
        await console.check('now');
      });
      await starter.close();
    });

    test('a failure of the list leads to its timeline', async () => {
      await each(async (console) => {
        await console.press('#now-failures a:has-text("CIRCUIT_OPEN")');
        await console.see('#h-answer');
        await console.see('.answer code:text("CIRCUIT_OPEN")');
        await console.see('.waterfall .event:has-text("refused before it was sent to external")');
        await console.see('.lines :text("CIRCUIT_OPEN")');
        await console.check('story');
        await console.page.locator('[data-filter]').fill('nothing has this');
        await console.page.locator('.waterfall tbody tr').first().waitFor({ state: 'hidden' });
      });
    });

    test('the run is watched to its verdict', async () => {
      await each(async (console) => {
        await console.goto('/experiments');
        await console.page.locator('#experiments-runs td a').first().click();
        await console.see('#run-rate canvas');
        await console.see('#run-head :is(.verdict-passed, .verdict-failed)');
        await console.see('.statements');
        await console.check('run');
        await console.goto('/experiments');
        await console.see('#experiments-runs :is(.verdict-passed, .verdict-failed)');
        await console.check('experiments');
      });
    });

    test('a run is stopped, and two runs are seen side by side', async () => {
      const [wide] = pages as [ConsolePage];
      await wide.goto('/experiments');
      await wide.page.locator('button[aria-label="Start attack"]:enabled').click();
      await wide.page.locator('button:text("Stop it")').click();
      await wide.see('#experiments-runs .verdict-aborted');
      await each(async (console) => {
        await console.goto('/experiments');
        const runs = console.page.locator('#experiments-runs input[name=run]');
        await runs.nth(0).check();
        await runs.nth(1).check();
        await console.page.locator('button:text("Compare two")').click();
        await console.see('.side-by-side .verdict-aborted');
        await console.see('.side-by-side :is(.verdict-passed, .verdict-failed)');
        await console.check('compare');
      });
    });

    test('a circuit is isolated and released, with who and why', async () => {
      await each(async (console, i) => {
        const name = ['gateway/catalog', 'gateway/users'][i];
        const { page } = console;
        await console.goto('/circuits');
        const card = page.locator(`[data-circuit="${name}"]`);
        const act = async (action: string) => {
          await card.locator('summary', { hasText: action }).click();
          await card.locator('input[name=by]').fill('ana');
          await card.locator('input[name=why]').fill(`the ${console.look.name} test`);
          await card.locator('form button').click();
        };
        await act('Isolate');
        await console.see(`[data-circuit="${name}"].state-isolated`);
        await card.locator(`:text("by ana: the ${console.look.name} test")`).first().waitFor();
        await console.check('circuits');
        await act('Release');
        await console.see(`[data-circuit="${name}"]:not(.state-isolated)`);
      });
    });

    test('a token that is wrong is asked for, and the right one then works', async () => {
      const [, narrow] = pages as [ConsolePage, ConsolePage];
      const stranger = await ConsolePage.open(
        browser,
        stack.url('CONSOLE_PORT'),
        narrow.look,
        undefined,
      );
      await stranger.goto('/circuits');
      const card = stranger.page.locator('[data-circuit="orders/catalog"]');
      await card.locator('summary', { hasText: 'Isolate' }).click();
      await card.locator('input[name=by]').fill('eve');
      await card.locator('input[name=why]').fill('curious');
      await card.locator('form button').click();
      for (const token of ['wrong', TOKEN]) {
        await stranger.page.locator('dialog[open] input[name=token]').fill(token);
        await stranger.page.locator('dialog[open] button[value=use]').click();
      }
      await stranger.see('[data-circuit="orders/catalog"].state-isolated');
      await stranger.page.context().close();
    });

    test('active faults are seen and cleared', async () => {
      for (const console of pages) {
        await setFault(stack, { route: 'POST /charges', kind: 'status', status: 503, for_s: 300 });
        await console.goto('/experiments');
        await console.see('.faults li');
        await console.page.locator('button:text("Clear all faults")').click();
        await console.see('#experiments-faults :text("No fault is active")');
      }
    });

    test('answers are found by code, and errors are explained', async () => {
      await each(async (console) => {
        await console.goto('/trace');
        await console.page.locator('main input[name=q]').fill('CIRCUIT_OPEN');
        await console.page.locator('main form.find button').click();
        await console.see('.answers a:has-text("CIRCUIT_OPEN")');
        await console.check('failures');
        await console.goto('/catalogue#CIRCUIT_OPEN');
        await console.see('#CIRCUIT_OPEN');
        await console.check('errors');
      });
    });
  });
}
