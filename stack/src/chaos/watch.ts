import type { MetricMeasure, Probe } from './experiment.ts';
import { samplesOf, sumOf } from './exposition.ts';
import type { Places } from './places.ts';

/** A circuit was seen to enter a state. */
export interface Transition {
  /** As `payments/provider`. */
  readonly breaker: string;
  readonly state: string;
  readonly atMs: number;
}

/** A metric as it was read. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

/** A series to read: part of a {@link MetricMeasure}. */
type Selector = Pick<MetricMeasure, 'service' | 'metric' | 'labels'>;

const TIMEOUT_MS = 900;
const ALERTS_EVERY_MS = 5_000;

/** Looks, each second, at what the statements of an experiment are about. */
export class Watch {
  /** The present state of each watched circuit. */
  readonly breakers: Record<string, string> = {};
  readonly transitions: Transition[] = [];
  /** How often each alert was seen firing. */
  readonly alerts = new Map<string, number>();
  readonly #places: Places;
  readonly #breakers: readonly string[];
  readonly #selectors: readonly Selector[];
  readonly #readings = new Map<string, Reading[]>();
  /** Alerts of an earlier trouble are none of this run. */
  readonly #since = Date.now();
  #alertsAt = 0;

  constructor(places: Places, breakers: readonly string[], probes: readonly Probe[]) {
    this.#places = places;
    this.#breakers = breakers;
    this.#selectors = probes.flatMap(({ provider }) =>
      provider.type === 'metric' ? [provider, ...(provider.per ? [provider.per] : [])] : [],
    );
  }

  /** Reads everything once. What does not answer is read again the next time. */
  async look(): Promise<void> {
    const services = new Set(this.#breakers.map((name) => name.split('/')[0] ?? ''));
    const metrics = Map.groupBy(this.#selectors, ({ service }) => service);
    await Promise.all([
      ...[...services].map((service) => this.#readBreakers(service)),
      ...[...metrics].map(([service, of]) => this.#readMetrics(service, of)),
      this.#readAlerts(),
    ]);
  }

  /** What was read of a metric, oldest first. */
  readings(selector: Selector): readonly Reading[] {
    return this.#readings.get(keyOf(selector)) ?? [];
  }

  async #readBreakers(service: string): Promise<void> {
    const text = await textOf(`${this.#places.operationsUrl(service)}/breakers`);
    if (text === undefined) return;
    const { breakers } = JSON.parse(text) as {
      breakers: {
        name: string;
        state: string;
        last_transition: { at: string; to: string } | null;
      }[];
    };
    for (const { name, state, last_transition } of breakers) {
      const breaker = `${service}/${name}`;
      if (!this.#breakers.includes(breaker)) continue;
      if (last_transition) this.#note(breaker, last_transition.to, Date.parse(last_transition.at));
      if (this.breakers[breaker] !== state) this.#note(breaker, state, Date.now());
      this.breakers[breaker] = state;
    }
  }

  #note(breaker: string, state: string, atMs: number): void {
    const known = this.transitions.some(
      (t) => t.breaker === breaker && t.state === state && Math.abs(t.atMs - atMs) < 1_500,
    );
    if (!known) this.transitions.push({ breaker, state, atMs });
  }

  async #readMetrics(service: string, selectors: readonly Selector[]): Promise<void> {
    const text = await textOf(`${this.#places.operationsUrl(service)}/metrics`);
    if (text === undefined) return;
    const atMs = Date.now();
    for (const selector of selectors) {
      const key = keyOf(selector);
      const readings = this.#readings.get(key) ?? [];
      this.#readings.set(key, readings);
      const value = sumOf(samplesOf(text, selector.metric), selector.labels);
      readings.push({ atMs, value });
    }
  }

  async #readAlerts(): Promise<void> {
    if (Date.now() - this.#alertsAt < ALERTS_EVERY_MS) return;
    this.#alertsAt = Date.now();
    const text = await textOf(`${this.#places.url('prometheus')}/api/v1/alerts`);
    if (text === undefined) return;
    const { data } = JSON.parse(text) as {
      data: {
        alerts: {
          state: string;
          activeAt: string;
          labels: Record<'alertname' | 'severity', string>;
        }[];
      };
    };
    const firing = data.alerts.filter(
      ({ state, activeAt, labels }) =>
        state === 'firing' && labels.severity !== 'none' && Date.parse(activeAt) >= this.#since,
    );
    for (const name of new Set(firing.map(({ labels }) => labels.alertname))) {
      this.alerts.set(name, (this.alerts.get(name) ?? 0) + 1);
    }
  }
}

function keyOf({ service, metric, labels }: Selector): string {
  return `${service} ${metric} ${JSON.stringify(labels ?? {})}`;
}

/** The text at an address; undefined when there is none in time. */
async function textOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}
