/**
 * Requests at a steady rate, whatever becomes of those before.
 *
 * @module
 */

/** One request and its answer. */
export interface Sample {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly tookMs: number;
  /** `Date.now()` when the answer was there. */
  readonly endedAt: number;
  /** The answer was one of the degraded mode. */
  readonly degraded: boolean;
}

/** How the requests of a load went. */
export interface LoadSummary {
  readonly requests: number;
  readonly failed: number;
  readonly degraded: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends a request every so many milliseconds from when it is made until it is stopped. */
export class SteadyLoad {
  readonly samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();

  constructor(everyMs: number, send: () => Promise<Response>) {
    this.#timer = setInterval(() => {
      const request = this.#measure(send).finally(() => this.#underWay.delete(request));
      this.#underWay.add(request);
    }, everyMs);
  }

  /** Sends no more, waits for the answers that are missing, and gives all of them. */
  async stop(): Promise<Sample[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    return this.samples;
  }

  async #measure(send: () => Promise<Response>): Promise<void> {
    const startedAt = performance.now();
    const [status, degraded] = await send().then(
      async (response) => {
        await response.arrayBuffer();
        return [response.status, response.headers.has('x-degraded')] as const;
      },
      () => [0, false] as const,
    );
    const tookMs = performance.now() - startedAt;
    this.samples.push({ status, tookMs, endedAt: Date.now(), degraded });
  }
}

/** Sums up what {@link SteadyLoad.stop} gives; anything but 2xx has failed. */
export function summarize(samples: readonly Sample[]): LoadSummary {
  const latencies = samples.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round(latencies[Math.ceil(q * latencies.length) - 1] ?? Number.NaN);
  return {
    requests: samples.length,
    failed: samples.filter(({ status }) => status < 200 || status > 299).length,
    degraded: samples.filter(({ degraded }) => degraded).length,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}
