/**
 * What a service does while too many of its answers are failures.
 *
 * @module
 */
import { toAppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/otel';
import type { ErrorRateMonitor, ErrorRateSnapshot } from '@breakwater/resilience';
import type { Context } from 'hono';
import { Counter, type Registry } from 'prom-client';
import { HEADERS, METRICS } from './names.ts';
import { ProtectionsOff } from './protections-off.ts';
import type { ServiceEnv } from './request-context.ts';

/** Of so many requests in degraded mode one goes the normal way: how else would it end? */
const PROBE_EVERY = 5;

export interface DegradationOptions {
  readonly serviceName: string;
  readonly monitor: ErrorRateMonitor;
  /** What the service does in degraded mode, in one sentence; undefined when it has none. */
  readonly mode: string | undefined;
  readonly logger: Logger;
  readonly register: Registry;
}

/** Two ways to an answer. */
export interface Ways<T> {
  readonly normally: () => Promise<T>;
  /** A worse answer that asks nobody; undefined when there is none. */
  readonly instead: () => T | undefined;
}

/**
 * The degraded mode of a service. It is on while the monitor says that the service is unhealthy,
 * and off again by the monitor's own hysteresis.
 */
export class Degradation {
  /** What the service does in degraded mode; undefined when it declares none. */
  readonly mode: string | undefined;
  readonly #monitor: ErrorRateMonitor;
  readonly #answers: Counter;
  /** Taken away by `PROTECTIONS_OFF`. */
  readonly #off: boolean;
  #requests = 0;

  constructor({ serviceName, monitor, mode, logger, register }: DegradationOptions) {
    this.mode = mode;
    this.#off = ProtectionsOff.read().has(serviceName, 'mode');
    this.#monitor = monitor;
    this.#answers = new Counter({
      name: METRICS.degradedAnswers,
      help: 'Answers that were worse than they should be, because the service is unhealthy.',
      registers: [register],
    });
    monitor.onChange((snapshot) => logChange(logger, serviceName, mode, snapshot));
  }

  get active(): boolean {
    return !this.#off && this.#monitor.snapshot().is_unhealthy;
  }

  /**
   * The normal answer, or in degraded mode the other one, with `X-Degraded: true`. An answer given
   * instead says nothing about the service's health: looking away must not look like a cure. Every
   * fifth request goes the normal way all the same and is counted as it ends, though its client
   * gets the other answer if it fails.
   *
   * @example
   * const items = await service.degradation.answer(c, {
   *   normally: () => catalog.listItems(),
   *   instead: () => lastItems.get(),
   * });
   */
  async answer<T>(c: Context<ServiceEnv>, { normally, instead }: Ways<T>): Promise<T> {
    if (!this.active) return normally();
    const probes = this.#requests++ % PROBE_EVERY === 0;
    const other = instead();
    if (other === undefined) return normally();
    if (probes) {
      try {
        return await normally();
      } catch (error) {
        if (toAppError(error).kind.type !== 'technical') throw error;
        this.#monitor.record(false);
      }
    }
    c.set('degraded', true);
    c.header(HEADERS.degraded, 'true');
    this.#answers.inc();
    return other;
  }

  describe(): { active: boolean; mode: string } {
    return { active: this.active, mode: this.mode ?? 'none' };
  }
}

function logChange(
  logger: Logger,
  serviceName: string,
  mode: string | undefined,
  { is_unhealthy, total_requests, errors, error_rate }: ErrorRateSnapshot,
): void {
  const fields = { 'event.name': 'health_changed', total_requests, errors, error_rate };
  if (is_unhealthy) {
    const does = mode ?? 'it has no degraded mode';
    const share = `${errors} of the last ${total_requests} answers failed`;
    logger.warn(`${serviceName} is unhealthy: ${share}; ${does}`, fields);
  } else {
    logger.info(`${serviceName} is healthy again`, fields);
  }
}
