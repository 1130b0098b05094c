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

  /** The variables are those of `backendSources`: an address, or a host and a port. */
  constructor(env: NodeJS.ProcessEnv) {
    const local = '127.0.0.1';
    const { JAEGER_HOST = local, JAEGER_PORT = '16686', GRAFANA_HOST = local } = env;
    const urls = {
      Jaeger: env.JAEGER_URL ?? `http://${JAEGER_HOST}:${JAEGER_PORT}`,
      Grafana: env.GRAFANA_URL ?? `http://${GRAFANA_HOST}:${env.GRAFANA_PORT ?? 3000}`,
    };
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
