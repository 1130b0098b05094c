/**
 * The dependencies of a service, and what they share: clock, randomness, metrics, log, listeners.
 *
 * @module
 */
import type { BreakerSnapshot } from './breaker/breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import { Dependency } from './dependency.ts';
import { Dispatcher, type Listener } from './events.ts';
import type { Metrics } from './metrics.ts';
import type { DependencyOptions } from './options.ts';
import type { Random } from './seeded-random.ts';
import { type Log, transitionLog } from './telemetry/log.ts';
import { spanEvents } from './telemetry/spans.ts';
import { validate } from './validate.ts';

/** What the dependencies of a service share. */
export interface ResilienceOptions {
  /** Tell the time and wait. Default: the clock of the process. */
  readonly clock?: Clock;
  /** Draw the jitter of backoffs, from 0 to below 1. Default: `Math.random`. */
  readonly random?: Random;
  /**
   * Count calls, attempts and circuits, as by `prometheusMetrics()` of
   * `@breakwater/resilience/prometheus`. They can be set later; `false` says that nobody should.
   * Default: none.
   */
  readonly metrics?: Metrics | false;
  /** Write the lines of transitions. It can be set later. Default: none are written. */
  readonly log?: Log;
  /** Write decisions on the active span. Default: true. */
  readonly spanEvents?: boolean;
  /** Tell these of all events. Default: none. */
  readonly listeners?: readonly Listener[];
}

/**
 * Declares dependencies. A service has one; a test makes its own.
 *
 * @example
 * const resilience = new Resilience({ metrics: prometheusMetrics() });
 * const search = resilience.dependency('search', { timeoutMs: 100 });
 */
export class Resilience {
  /** Writes the lines of transitions. */
  log: Log | undefined;
  readonly #options: ResilienceOptions;
  readonly #dependencies = new Map<string, { dependency: Dependency; events: Dispatcher }>();
  readonly #shared: { listeners: readonly Listener[] };
  #metrics: Metrics | false | undefined;

  constructor(options: ResilienceOptions = {}) {
    this.#options = options;
    this.#shared = { listeners: options.listeners ?? [] };
    this.#metrics = options.metrics;
    this.log = options.log;
  }

  /** What counts; `false` where nothing should, undefined where nothing does as yet. */
  get metrics(): Metrics | false | undefined {
    return this.#metrics;
  }

  /**
   * Count from now on, for dependencies that are declared already as well.
   *
   * @throws {TypeError} when something counts already: it would count on.
   */
  set metrics(metrics: Metrics | false | undefined) {
    if (this.#metrics === metrics) return;
    if (this.#metrics) throw new TypeError('metrics are set already; set them once');
    this.#metrics = metrics;
    if (!metrics) return;
    for (const { dependency, events } of this.#dependencies.values()) {
      events.add(metrics.watch(dependency));
    }
  }

  /**
   * Declare a dependency, once, where the service is put together.
   *
   * @param name a label of its metrics: lower-case letters, digits, `_`, `.` and `-`.
   * @throws {TypeError} naming every mistake in the options, or when the name is taken.
   */
  dependency(name: string, options: DependencyOptions = {}): Dependency {
    validate(name, options);
    if (this.#dependencies.has(name)) {
      throw new TypeError(`dependency "${name}" is declared twice; declare it once and share it`);
    }
    const { clock = systemClock, random = Math.random } = this.#options;
    const own: Listener[] = [transitionLog(() => this.log)];
    if (this.#options.spanEvents !== false) own.push(spanEvents);
    const events = new Dispatcher(name, own, this.#shared);
    const dependency = new Dependency(name, options, { clock, random, events });
    if (this.#metrics) events.add(this.#metrics.watch(dependency));
    this.#dependencies.set(name, { dependency, events });
    return dependency;
  }

  /** The dependency of this name, if it was declared. */
  find(name: string): Dependency | undefined {
    return this.#dependencies.get(name)?.dependency;
  }

  /** Every declared dependency, in the order of their declarations. */
  list(): Dependency[] {
    return [...this.#dependencies.values()].map(({ dependency }) => dependency);
  }

  /** The state of every circuit. */
  breakers(): BreakerSnapshot[] {
    return this.list().flatMap((declared) => declared.breakers());
  }

  /** Adds a listener to every dependency, whenever declared; the result takes it away again. */
  listen(listener: Listener): () => void {
    this.#shared.listeners = [...this.#shared.listeners, listener];
    return () => {
      this.#shared.listeners = this.#shared.listeners.filter((each) => each !== listener);
    };
  }
}

/** The dependencies of a program that has one set of them. Without metrics until they are set. */
export const resilience = new Resilience();

/**
 * Declare a dependency of {@link resilience}. See {@link Resilience.dependency}.
 *
 * @example
 * export const bank = dependency('bank', {
 *   timeoutMs: 1_500,
 *   retry: { attempts: 2 },
 *   breaker: { trip: { kind: 'consecutive', failures: 3 }, openMs: 10_000 },
 * });
 */
export function dependency(name: string, options: DependencyOptions = {}): Dependency {
  return resilience.dependency(name, options);
}
