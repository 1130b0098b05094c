/**
 * A page of the console as somebody sees it, and what a test asks of every page.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How somebody looks at the console. */
export interface Look {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** A wide window and a telephone. */
export const LOOKS: readonly Look[] = [
  { name: 'wide', width: 1600, scheme: 'light' },
  { name: 'narrow', width: 400, scheme: 'dark' },
];

/** Longest wait for something that happens on a page, in milliseconds. */
const PATIENCE_MS = 90_000;

/** One open page. */
export class ConsolePage {
  readonly page: Page;
  readonly look: Look;
  readonly #url: string;
  readonly #pictures: string | undefined;
  readonly #complaints: string[] = [];

  private constructor(page: Page, look: Look, url: string, pictures: string | undefined) {
    this.page = page;
    this.look = look;
    this.#url = url;
    this.#pictures = pictures;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#complaints.push(message.text());
    });
  }

  /** @param pictures folder for pictures; none are kept without */
  static async open(
    browser: Browser,
    url: string,
    look: Look,
    pictures: string | undefined,
  ): Promise<ConsolePage> {
    const { width, scheme } = look;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    // Only there to look at pages: it comes in before their policy counts.
    await context.addInitScript(AXE);
    return new ConsolePage(await context.newPage(), look, url, pictures);
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.#url}${path}`);
  }

  /** Waits until a selector is seen. */
  async see(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor();
  }

  /** Presses what has the focus, as somebody without a mouse does. */
  async press(selector: string): Promise<void> {
    await this.page.locator(selector).first().focus();
    await this.page.keyboard.press('Enter');
  }

  /** The page fits, nothing is wrong with it for axe, and no script or policy complained. */
  async check(picture: string): Promise<void> {
    const { page, look } = this;
    const beyond = await page
      .locator('html')
      .evaluate((html: Sized) => html.scrollWidth - html.clientWidth);
    assert.equal(beyond, 0, `${picture} is wider than ${look.width} pixels`);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
      const results = await axe.run();
      return results.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
      );
    });
    assert.deepEqual(violations, [], `${picture}, ${look.name}`);
    assert.deepEqual(this.#complaints, [], `${picture}, ${look.name}`);
    if (!this.#pictures) return;
    const path = join(this.#pictures, `console-${picture}-${look.name}.png`);
    await page.screenshot({ path, fullPage: false });
  }
}

interface Sized {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
