/**
 * Pictures of pages, by a Chromium of the machine.
 *
 * @module
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** How every Chromium of ours is started: without a desktop, and asking nobody anything. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LOADED_WITHIN_MS = 30_000;

/** What to do where there is no Chromium. */
export const NO_CHROMIUM = 'no Chromium is on PATH for pictures: apt-get install chromium';

/** Path of a Chromium on PATH; undefined when there is none. */
export function findChromium(path = process.env.PATH ?? ''): string | undefined {
  const candidates = NAMES.flatMap((name) =>
    path.split(delimiter).map((folder) => join(folder, name)),
  );
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Opens pages in one browser, and closes it. */
export async function withBrowser<T>(
  executablePath: string,
  use: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/**
 * Takes a picture of each dashboard as a visitor sees it.
 *
 * @param folder where `<uid>.png` are written
 * @returns panels that show an error, one sentence each
 */
export async function takeScreenshots(
  browser: Browser,
  url: string,
  uids: readonly string[],
  folder: string,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const problems: string[] = [];
  for (const uid of uids) {
    const page = await browser.newPage({ viewport: { width: 1600, height: 2400 } });
    await page.goto(`${url}/d/${uid}?from=now-1h&to=now&kiosk`, { timeout: LOADED_WITHIN_MS });
    await settle(page);
    const failed = page.locator('[data-testid*="Panel status error"]');
    const count = await failed.count();
    if (count > 0) problems.push(`${count} panels of ${uid} show an error`);
    await page.screenshot({ path: join(folder, `${uid}.png`) });
    await page.close();
  }
  return problems;
}

/**
 * Takes a picture of each section of a page in a file.
 *
 * @param sections ids of its sections
 * @param folder where `<id>.png` are written
 */
export async function pictureSections(
  browser: Browser,
  file: string,
  sections: readonly string[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1240, height: 900 } });
  await page.goto(pathToFileURL(file).href);
  for (const id of sections) {
    await page.locator(`#${id}`).screenshot({ path: join(folder, `${id}.png`) });
  }
  await page.close();
}

/** A dashboard that refreshes itself is never idle for long: what is there by then is shown. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: LOADED_WITHIN_MS }).catch(() => undefined);
}
