/**
 * The dependencies of a service, and what they share: clock, randomness, metrics, log, listeners.
 *
 * @module
 */

import { type MetricsRegistry, registry as processRegistry } from '@breakwater/otel';
import type { BreakerSnapshot } from './breaker/breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import { Dependency } from './dependency.ts';
import { Dispatcher, type Listener } from './events.ts';
import type { DependencyOptions } from './options.ts';
import type { Random } from './seeded-random.ts';
import { familiesIn } from './telemetry/families.ts';
import { type Log, transitionLog } from './telemetry/log.ts';
import { MetricsListener } from './telemetry/metrics.ts';
import { spanEvents } from './telemetry/spans.ts';
import { validate } from './validate.ts';

/** What the dependencies of a process share. */
export interface ResilienceOptions {
  /** Default: the clock of the process. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: Random;
  /** Where metrics go; it must render OpenMetrics. `false`: nowhere. Default: the process's. */
  readonly registry?: MetricsRegistry | false;
  /** Writes the lines of transitions. It can be set later; until then they are not logged. */
  readonly log?: Log;
  /** Whether decisions are written on the active span. Default: true. */
  readonly spanEvents?: boolean;
  readonly listeners?: readonly Listener[];
}

/**
 * Declares dependencies. A process has one, behind {@link dependency}; a test makes its own.
 *
 * @example
 * const resilience = new Resilience({ clock: new VirtualClock(), registry: false });
 * const catalog = resilience.dependency('catalog', { timeoutMs: 100 });
 */
export class Resilience {
  /** Writes the lines of transitions. */
  log: Log | undefined;
  readonly #options: ResilienceOptions;
  readonly #dependencies = new Map<string, Dependency>();
  readonly #shared: { listeners: readonly Listener[] };

  constructor(options: ResilienceOptions = {}) {
    this.#options = options;
    this.#shared = { listeners: options.listeners ?? [] };
    this.log = options.log;
  }

  /** Where metrics go; undefined: nowhere. */
  get registry(): MetricsRegistry | undefined {
    const { registry = processRegistry } = this.#options;
    return registry || undefined;
  }

  /**
   * Declares a dependency, once, where the service is put together.
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
    const families = this.registry && familiesIn(this.registry);
    const metrics = families
      ? new MetricsListener(families, { dependency: name, hasBreaker: options.breaker !== false })
      : undefined;
    const own: Listener[] = [transitionLog(() => this.log)];
    if (metrics) own.push(metrics);
    if (this.#options.spanEvents !== false) own.push(spanEvents);
    const events = new Dispatcher(own, this.#shared, () => metrics?.listenerFailed());
    const declared = new Dependency(name, options, { clock, random, events });
    families?.measure(declared);
    this.#dependencies.set(name, declared);
    return declared;
  }

  /** The dependency of this name, if it was declared. */
  find(name: string): Dependency | undefined {
    return this.#dependencies.get(name);
  }

  /** Every declared dependency, in the order of their declarations. */
  list(): Dependency[] {
    return [...this.#dependencies.values()];
  }

  /** The state of every circuit. */
  breakers(): BreakerSnapshot[] {
    return [...this.#dependencies.values()].flatMap((declared) => declared.breakers());
  }

  /** Adds a listener to every dependency, whenever declared; the result takes it away again. */
  listen(listener: Listener): () => void {
    this.#shared.listeners = [...this.#shared.listeners, listener];
    return () => {
      this.#shared.listeners = this.#shared.listeners.filter((each) => each !== listener);
    };
  }
}

/** The dependencies of this process. */
export const resilience = new Resilience();

/**
 * Declares a dependency of this process. See {@link Resilience.dependency}.
 *
 * @example
 * export const payments = dependency('payments', {
 *   timeoutMs: 1_500,
 *   retry: { attempts: 2 },
 *   breaker: { trip: { kind: 'consecutive', failures: 3 }, openMs: 10_000 },
 * });
 */
export function dependency(name: string, options: DependencyOptions = {}): Dependency {
  return resilience.dependency(name, options);
}
