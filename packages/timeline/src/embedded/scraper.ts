/**
 * Metrics from the services themselves: the present ones, and a few minutes of what a page draws.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { askText } from '../backend-error.ts';
import type {
  Bound,
  BreakerSeries,
  Exemplar,
  Series,
  ServiceTraffic,
  TimeRange,
  TrafficPoint,
} from '../model.ts';
import { READ_METRICS } from '../names.ts';
import type { Findings, MetricSource } from '../sources.ts';
import { codeOf } from './log-files.ts';
import { parseOpenMetrics } from './open-metrics.ts';
import { parseSelector } from './selector.ts';
import { growth, quantile, type Snapshot, takeSnapshot } from './snapshot.ts';

export interface ScraperOptions {
  /** A Prometheus `file_sd` file; a target without the label `service_name` is passed over. */
  readonly targetsFile: string;
  /** Milliseconds between two rounds. Default: 2,000. */
  readonly everyMs?: number;
  /** How far back the history goes, in milliseconds. Default: 15 minutes. */
  readonly historyMs?: number;
  /** Default: 2,000. */
  readonly maxExemplars?: number;
  /** Wall clock, in Unix milliseconds. */
  readonly now?: () => number;
  readonly setTimer?: (callback: () => void, ms: number) => { unref?(): unknown };
}

/** One process and what was read from it. */
interface Instance {
  readonly service: string;
  readonly address: string;
  /** Oldest first. */
  history: Snapshot[];
  /** The last page as it came: its series as objects would take ten times as much. */
  page: string;
}

/** A service that is slow to answer is passed over for a round. */
const TIMEOUT_MS = 1_500;
/** A present value may be as old as this, in milliseconds. */
const FRESH_MS = 300;
/** The least time over which a rate is taken, in milliseconds. */
const MIN_WINDOW_MS = 10_000;
/** Rounds after which an instance that does not answer has no state any more. */
const STALE_ROUNDS = 4;

/** Scrapes each service every few seconds, whoever asks; a round that hangs delays the next. */
export class Scraper implements MetricSource {
  readonly #options: Required<Omit<ScraperOptions, 'targetsFile'>> & ScraperOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #exemplars = new Map<string, Exemplar>();
  /** Why a process could not be read in the last round, by service and address. */
  readonly #silent = new Map<string, { readonly service: string; readonly why: string }>();
  #targetsProblem: string | undefined;
  #round: Promise<void> | undefined;
  #lastRoundMs = 0;
  #closed = false;
  #timer: { unref?(): unknown } | undefined;

  constructor(options: ScraperOptions) {
    const defaults = { everyMs: 2_000, historyMs: 900_000, maxExemplars: 2_000 };
    const world = { now: Date.now, setTimer: setTimeout };
    this.#options = { ...defaults, ...world, ...options };
  }

  /** Scrapes until {@link Scraper.close}. */
  start(): void {
    void this.scrape().then(() => {
      if (this.#closed) return;
      this.#timer = this.#options.setTimer(() => this.start(), this.#options.everyMs);
      this.#timer.unref?.();
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer as NodeJS.Timeout | undefined);
  }

  /** One round over all services; joins the one that is under way. */
  scrape(): Promise<void> {
    this.#round ??= this.#scrapeAll().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async query(selector: string): Promise<Findings<Series>> {
    const matches = parseSelector(selector);
    if (this.#options.now() - this.#lastRoundMs > FRESH_MS) await this.scrape();
    const name = /^\s*[\w:]*/.exec(selector)?.[0].trim() ?? '';
    const found = [...this.#instances.values()]
      .flatMap((each) => parseOpenMetrics(each.page, labelsOf(each), startsWith(name)).series)
      .filter(({ labels }) => matches(labels));
    return this.#findings(found, selector);
  }

  async exemplars(selector: string, { fromMs, toMs }: TimeRange): Promise<Findings<Exemplar>> {
    const matches = parseSelector(selector);
    const found = [...this.#exemplars.values()].filter(
      ({ labels, timeMs }) => timeMs >= fromMs && timeMs <= toMs && matches(labels),
    );
    return this.#findings(found, selector);
  }

  /** A silent process is missing where its service is asked for. */
  #findings<T>(found: readonly T[], selector: string): Findings<T> {
    const asked = /service_name="([^"]*)"/.exec(selector)?.[1];
    const silent = [...this.#silent.values()].filter(
      ({ service }) => asked === undefined || service === asked,
    );
    const missing = [
      ...(this.#targetsProblem ? [this.#targetsProblem] : []),
      ...silent.map(({ why }) => `${why}.`),
    ];
    return missing.length === 0 ? { found } : { found, incomplete: missing.join(' ') };
  }

  /** See {@link LiveSources.traffic}. */
  traffic(range: TimeRange, stepMs: number): ServiceTraffic[] {
    const windowMs = Math.max(stepMs, MIN_WINDOW_MS);
    const services = Map.groupBy(this.#instances.values(), ({ service }) => service);
    return [...services].map(([service, instances]) => ({
      service,
      points: [...steps(range, stepMs)].flatMap((timeMs) => {
        const point = trafficAt(instances, timeMs, windowMs);
        return point ? [point] : [];
      }),
    }));
  }

  /** See {@link LiveSources.breakers}. */
  breakers(range: TimeRange, stepMs: number): BreakerSeries[] {
    const staleMs = STALE_ROUNDS * this.#options.everyMs;
    return [...this.#instances.values()].flatMap(({ service, address, history }) => {
      const names = new Set(history.flatMap(({ breakers }) => [...breakers.keys()]));
      return [...names].map((breaker) => ({
        service,
        instance: address,
        breaker,
        points: [...steps(range, stepMs)].flatMap((timeMs) => {
          const snapshot = lastBefore(history, timeMs);
          const state = snapshot?.breakers.get(breaker);
          return snapshot && state && timeMs - snapshot.timeMs < staleMs ? [{ timeMs, state }] : [];
        }),
      }));
    });
  }

  bounds(): Bound[] {
    const { historyMs, maxExemplars, now } = this.#options;
    const oldest = [...this.#instances.values()].map(({ history }) => history[0]?.timeMs ?? now());
    const atLimit = 'The oldest go.';
    return [
      {
        name: 'history of metrics',
        used: Math.round((now() - Math.min(now(), ...oldest)) / 1_000),
        limit: historyMs / 1_000,
        unit: 'seconds',
        atLimit,
        dropped: 0,
      },
      {
        name: 'exemplars',
        used: this.#exemplars.size,
        limit: maxExemplars,
        unit: 'count',
        atLimit,
        dropped: 0,
      },
    ];
  }

  async #scrapeAll(): Promise<void> {
    const { targets, problem } = await readTargets(this.#options.targetsFile);
    this.#targetsProblem = problem;
    this.#silent.clear();
    await Promise.all(targets.map((target) => this.#scrapeOne(target)));
    const addresses = new Set(targets.map(({ address }) => address));
    for (const address of this.#instances.keys()) {
      if (!addresses.has(address)) this.#instances.delete(address);
    }
    this.#lastRoundMs = this.#options.now();
  }

  async #scrapeOne({ service, address }: Target): Promise<void> {
    const known = this.#instances.get(address);
    const instance: Instance = known ?? { service, address, history: [], page: '' };
    let text = '';
    try {
      text = await askText(service, `http://${address}/metrics`, TIMEOUT_MS);
    } catch (error) {
      // It is being started, stopped or is in trouble.
      const lastMs = known?.history.at(-1)?.timeMs;
      const since =
        lastMs === undefined ? '' : `; its figures are of ${new Date(lastMs).toISOString()}`;
      this.#silent.set(address, { service, why: `${(error as Error).message}${since}` });
      return;
    }
    this.#instances.set(address, instance);
    const { now, historyMs, maxExemplars } = this.#options;
    const timeMs = now();
    const { series, exemplars } = parseOpenMetrics(text, labelsOf(instance), isKept);
    instance.page = text;
    instance.history.push(takeSnapshot(series, timeMs));
    if ((instance.history[0]?.timeMs ?? timeMs) < timeMs - historyMs) instance.history.shift();
    for (const exemplar of exemplars) {
      this.#exemplars.set(`${exemplar.metric} ${address} ${exemplar.traceId}`, exemplar);
    }
    for (const key of this.#exemplars.keys()) {
      if (this.#exemplars.size <= maxExemplars) break;
      this.#exemplars.delete(key);
    }
  }
}

function labelsOf({ service, address }: Pick<Instance, 'service' | 'address'>) {
  return { service_name: service, instance: address, job: 'services' };
}

function startsWith(name: string): (line: string) => boolean {
  return (line) => line.startsWith(name);
}

/** Whether a line goes into a snapshot, or names a trace. */
function isKept(line: string): boolean {
  const { requestDuration, breakerStatus } = READ_METRICS;
  return (
    line.startsWith(requestDuration) || line.startsWith(breakerStatus) || line.includes(' # {')
  );
}

interface Target {
  readonly service: string;
  /** Host and port. */
  readonly address: string;
}

/** The targets of a `file_sd` file, or why there are none. */
async function readTargets(file: string): Promise<{ targets: Target[]; problem?: string }> {
  try {
    const groups = JSON.parse(await readFile(file, 'utf8')) as readonly {
      readonly targets: readonly string[];
      readonly labels?: { readonly service_name?: string };
    }[];
    const targets = groups.flatMap(({ targets: addresses, labels }) =>
      labels?.service_name === undefined
        ? []
        : addresses.map((address) => ({ service: labels.service_name as string, address })),
    );
    return { targets };
  } catch (error) {
    return {
      targets: [],
      problem: `The file of targets, ${file}, cannot be read (${codeOf(error)}).`,
    };
  }
}

function* steps({ fromMs, toMs }: TimeRange, stepMs: number): Generator<number> {
  for (let timeMs = toMs - Math.floor((toMs - fromMs) / stepMs) * stepMs; timeMs <= toMs; ) {
    yield timeMs;
    timeMs += stepMs;
  }
}

/** Undefined before the second scrape of any of the instances. */
function trafficAt(
  instances: readonly Instance[],
  timeMs: number,
  windowMs: number,
): TrafficPoint | undefined {
  let [ratePerS, serverErrorsPerS, seen] = [0, 0, false];
  const buckets = new Map<number, number>();
  for (const { history } of instances) {
    const after = lastBefore(history, timeMs);
    const before = firstAfter(history, timeMs - windowMs);
    if (!after || !before || before.timeMs >= after.timeMs) continue;
    seen = true;
    const grown = growth(before, after);
    const seconds = (after.timeMs - before.timeMs) / 1_000;
    ratePerS += grown.requests / seconds;
    serverErrorsPerS += grown.serverErrors / seconds;
    for (const [bound, count] of grown.buckets) {
      buckets.set(bound, (buckets.get(bound) ?? 0) + count);
    }
  }
  return seen ? { timeMs, ratePerS, serverErrorsPerS, p99S: quantile(0.99, buckets) } : undefined;
}

function lastBefore(history: readonly Snapshot[], timeMs: number): Snapshot | undefined {
  return history.findLast((snapshot) => snapshot.timeMs <= timeMs);
}

function firstAfter(history: readonly Snapshot[], timeMs: number): Snapshot | undefined {
  return history.find((snapshot) => snapshot.timeMs >= timeMs);
}
