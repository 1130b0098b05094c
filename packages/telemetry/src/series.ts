/**
 * Counters and histograms that cost next to nothing in the path of a request. prom-client looks a
 * series up by its labels on each use (0.4 us for a counter, 1 us for a histogram); here the user
 * holds the series and adds to a number.
 *
 * @module
 */
import { Counter, type Metric, type Registry, type RegistryContentType } from 'prom-client';
import { ExemplarSlot, type Labels } from './exemplar.ts';

/** A registry that renders OpenMetrics, as exemplars need. */
export type MetricsRegistry = Registry<RegistryContentType>;

/** One series of a {@link CounterFamily}; present at 0 from when it is made. */
export class CounterSeries {
  readonly #counter: Counter;
  readonly #labels: Labels;
  readonly #exemplars = new ExemplarSlot();
  #pending = 0;

  constructor(counter: Counter, labels: Labels) {
    this.#counter = counter;
    this.#labels = labels;
    this.#add(0);
  }

  add(): void {
    this.#pending++;
  }

  /** Adds 1 and, where one is due, the active trace as an exemplar. */
  addWithExemplar(): void {
    const exemplarLabels = this.#exemplars.take();
    if (exemplarLabels) this.#counter.inc({ labels: this.#labels, value: 1, exemplarLabels });
    else this.#pending++;
  }

  /** Hands over what was added since the last time. */
  flush(): void {
    if (this.#pending > 0) this.#add(this.#pending);
    this.#pending = 0;
  }

  #add(value: number): void {
    this.#counter.inc({ labels: this.#labels, value });
  }
}

/** A counter whose series are handed out; what they hold reaches prom-client when it is read. */
export class CounterFamily {
  readonly #counter: Counter;
  readonly #series = new Map<string, CounterSeries>();

  constructor(registry: MetricsRegistry, name: string, help: string, labelNames: string[]) {
    this.#counter = new Counter({
      name,
      help,
      labelNames,
      registers: [registry as Registry],
      enableExemplars: true,
      collect: () => {
        for (const series of this.#series.values()) series.flush();
      },
    });
  }

  /** The series of these labels, made when it is first asked for. */
  series(labels: Labels): CounterSeries {
    const key = JSON.stringify(labels);
    const existing = this.#series.get(key);
    if (existing) return existing;
    const series = new CounterSeries(this.#counter, labels);
    this.#series.set(key, series);
    return series;
  }
}

/** Upper bounds in seconds: those that the HTTP semantic conventions advise. */
export const DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

interface Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/** One series of a {@link DurationFamily}. */
export class DurationSeries {
  readonly labels: Labels;
  /** Observations by bucket, the one above all bounds last; not cumulative. */
  readonly buckets: number[] = new Array(DURATION_BUCKETS.length + 1).fill(0);
  readonly exemplars: (Exemplar | undefined)[] = [];
  sum = 0;
  readonly #exemplars = new ExemplarSlot();

  constructor(labels: Labels) {
    this.labels = labels;
  }

  observe(seconds: number): number {
    let bucket = 0;
    while (bucket < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[bucket] as number)) {
      bucket++;
    }
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    this.sum += seconds;
    return bucket;
  }

  /** Observes and, where one is due, keeps the active trace as the bucket's exemplar. */
  observeWithExemplar(seconds: number): void {
    const bucket = this.observe(seconds);
    const labelSet = this.#exemplars.take();
    if (labelSet) {
      this.exemplars[bucket] = { labelSet, value: seconds, timestamp: Date.now() / 1_000 };
    }
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Labels;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** A histogram of seconds, in the form in which prom-client's registry reads a metric. */
export class DurationFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #series = new Map<string, DurationSeries>();

  constructor(registry: MetricsRegistry, name: string, help: string) {
    this.name = name;
    this.help = help;
    // The registry asks of a metric what is here; its type names prom-client's own classes only.
    registry.registerMetric(this as unknown as Metric);
  }

  /** The series of these labels, made when it is first asked for. */
  series(labels: Labels): DurationSeries {
    const key = JSON.stringify(labels);
    const existing = this.#series.get(key);
    if (existing) return existing;
    const series = new DurationSeries(labels);
    this.#series.set(key, series);
    return series;
  }

  /** Called by the registry. */
  get(): Promise<{ name: string; help: string; type: string; values: Sample[] }> {
    const { name, help, type } = this;
    return Promise.resolve({
      name,
      help,
      type,
      values: [...this.#series.values()].flatMap((series) => this.#samples(series)),
    });
  }

  /** Called by the registry's `resetMetrics`. */
  reset(): void {
    for (const series of this.#series.values()) {
      series.buckets.fill(0);
      series.exemplars.length = 0;
      series.sum = 0;
    }
  }

  #samples({ labels, buckets, exemplars, sum }: DurationSeries): Sample[] {
    let count = 0;
    const samples: Sample[] = buckets.map((observed, index) => {
      count += observed;
      return {
        metricName: `${this.name}_bucket`,
        labels: { ...labels, le: DURATION_BUCKETS[index] ?? '+Inf' },
        value: count,
        exemplar: exemplars[index],
      };
    });
    samples.push({ metricName: `${this.name}_sum`, labels, value: sum });
    samples.push({ metricName: `${this.name}_count`, labels, value: count });
    return samples;
  }
}
