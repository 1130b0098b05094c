/**
 * Liveness and readiness.
 *
 * @module
 */
import type { Hono } from 'hono';
import { Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';

/** Resolves when the thing checked works; rejects with the reason when not. */
export type ReadinessCheck = () => Promise<unknown>;

/** The outcome of one check, as `/readyz?verbose` shows it. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
}

/** A check that takes longer has failed; in milliseconds. */
const CHECK_TIMEOUT_MS = 1_000;

/** Whether the service should get requests: its checks pass and it is not stopping. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  readonly #details = new Map<string, () => unknown>();
  readonly #gauge: Gauge;
  #stopping = false;

  constructor(register: Registry) {
    this.#gauge = new Gauge({
      name: METRICS.ready,
      help: '1 while the service wants requests.',
      registers: [register],
    });
  }

  /** Adds a check that must pass before the service gets requests. */
  addCheck(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** Adds something that `/readyz?verbose` tells beside the checks. */
  addDetail(name: string, detail: () => unknown): void {
    this.#details.set(name, detail);
  }

  /** From now on `/readyz` answers 503, so that nobody sends new requests. */
  stop(): void {
    this.#stopping = true;
    this.#gauge.set(0);
  }

  async check(): Promise<{ ready: boolean; checks: CheckResult[] }> {
    const checks = await Promise.all(
      [...this.#checks].map(async ([name, check]) => ({ name, ok: await passes(check) })),
    );
    const ready = !this.#stopping && checks.every(({ ok }) => ok);
    this.#gauge.set(ready ? 1 : 0);
    return { ready, checks };
  }

  details(): Record<string, unknown> {
    return Object.fromEntries([...this.#details].map(([name, detail]) => [name, detail()]));
  }
}

/** Adds `/healthz`, which answers while the process lives. */
export function mountLiveness(app: Hono): void {
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
}

/**
 * `/healthz` answers while the process lives; `/readyz` answers 503 while a check fails or the
 * service is stopping, and tells the checks with `?verbose`. A 503 here is a state, not a failure:
 * it has no error code and is not counted.
 */
export function mountHealth(app: Hono, readiness: Readiness): void {
  mountLiveness(app);
  app.get('/readyz', async (c) => {
    const { ready, checks } = await readiness.check();
    const status = ready ? 'ready' : 'not ready';
    const verbose = c.req.query('verbose') !== undefined;
    const report = verbose ? { status, checks, ...readiness.details() } : { status };
    return c.json(report, ready ? 200 : 503);
  });
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), timeout]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
