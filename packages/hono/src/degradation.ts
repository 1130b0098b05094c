/**
 * What a service does while something that it depends on is unhealthy.
 *
 * @module
 */
import { AppError, InternalError } from '@breakwater/errors';
import type { Context } from 'hono';
import { Counter, type Registry } from 'prom-client';
import type { DependencyHealth } from './dependency-health.ts';
import { HEADERS, METRICS } from './names.ts';
import { beginRecord } from './request-record.ts';

/** Of so many requests in degraded mode one goes the normal way: how else would it end? */
const PROBE_EVERY = 5;

/** What a service does while a dependency is unhealthy, in one sentence, by the dependency. */
export type DegradedModes = Readonly<Record<string, string>>;

export interface DegradationOptions {
  readonly health: DependencyHealth;
  readonly modes: DegradedModes;
  readonly register: Registry;
  /** Never degrades, to see what the modes are good for. Default: false. */
  readonly off?: boolean;
}

/** Two ways to a response. */
export interface Ways<T> {
  /** The dependency that the normal way needs. */
  readonly dependsOn: string;
  readonly normally: () => Promise<T>;
  /** A worse response that asks nobody; undefined when there is none. */
  readonly instead: () => T | undefined;
}

/**
 * The degraded modes of a service, one for each dependency that has one. A mode is on while its
 * dependency is unhealthy, and off again by the monitor's own hysteresis; whatever does not depend
 * on it stays as it is.
 */
export class Degradation {
  readonly #modes: DegradedModes;
  readonly #health: DependencyHealth;
  readonly #responses: Counter;
  readonly #off: boolean;
  readonly #requests = new Map<string, number>();

  constructor({ health, modes, register, off = false }: DegradationOptions) {
    this.#modes = modes;
    this.#off = off;
    this.#health = health;
    this.#responses = new Counter({
      name: METRICS.degradedAnswers,
      help: 'Responses that were worse than they should be, because a dependency is unhealthy.',
      registers: [register],
    });
  }

  /** Whether what depends on this dependency is in its degraded mode. */
  isActive(dependency: string): boolean {
    return !this.#off && this.#health.isUnhealthy(dependency);
  }

  /**
   * The normal response, or in degraded mode the other one, with `X-Degraded: true`. A response
   * given instead says nothing about health: looking away must not look like a cure. Every fifth
   * request goes the normal way all the same, though its client gets the other response if the
   * dependency fails it. A bug on that way stays one.
   *
   * @example
   * const found = await service.degradation.answer(c, {
   *   dependsOn: 'search',
   *   normally: () => search.find(words),
   *   instead: () => lastFound.get(),
   * });
   */
  async answer<T>(c: Context, { dependsOn, normally, instead }: Ways<T>): Promise<T> {
    if (!this.isActive(dependsOn)) return normally();
    const other = instead();
    if (other === undefined || this.#isProbe(dependsOn)) {
      try {
        return await normally();
      } catch (error) {
        if (other === undefined || !isTechnical(error)) throw error;
      }
    }
    beginRecord(c).degraded = true;
    c.header(HEADERS.degraded, 'true');
    this.#responses.inc();
    return other;
  }

  describe(): { active: boolean; mode: string; because_of: readonly string[] } {
    const unhealthy = Object.keys(this.#modes).filter((name) => this.isActive(name));
    const sentences = Object.values(this.#modes).join('; ');
    return { active: unhealthy.length > 0, mode: sentences || 'none', because_of: unhealthy };
  }

  #isProbe(dependency: string): boolean {
    const before = this.#requests.get(dependency) ?? 0;
    this.#requests.set(dependency, before + 1);
    return before % PROBE_EVERY === 0;
  }
}

function isTechnical(error: unknown): boolean {
  if (!(error instanceof AppError) || error instanceof InternalError) return false;
  return error.kind.type === 'technical';
}
