/**
 * Which of the pages that links lead to are there: Grafana need not run.
 *
 * @module
 */
import { LastKnown } from './experiments/last-known.ts';

const MAX_AGE_MS = 30_000;
const TIMEOUT_MS = 700;

/** Asks each page now and then whether it is there. */
export class RunningPages {
  readonly #pages: ReadonlyMap<string, LastKnown<boolean>>;

  /** @param urls by the name of the link, where it is asked whether the page behind it runs */
  constructor(urls: Readonly<Record<string, string>>) {
    this.#pages = new Map(
      Object.entries(urls).map(([name, url]) => [
        name,
        new LastKnown(MAX_AGE_MS, () => answers(url)),
      ]),
    );
  }

  /** The links that lead somewhere; those to pages that are not known here are kept. */
  async among(links: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const entries = await Promise.all(
      Object.entries(links).map(async ([name, url]) => {
        const page = this.#pages.get(name);
        const runs = page ? (page.look() ?? (await page.refresh())) : true;
        return runs ? [[name, url] as const] : [];
      }),
    );
    return Object.fromEntries(entries.flat());
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
