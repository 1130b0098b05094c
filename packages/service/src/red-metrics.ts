/**
 * Rate, errors and duration of the requests a service answers.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import { countWithExemplar, observeWithExemplar, registry } from '@breakwater/otel';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS } from './names.ts';

/** Seconds; from a cache hit to the gateway's deadline. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What is known of a request when its answer is ready. */
export interface Answered {
  readonly method: string;
  /** Template, never a path: labels are bounded. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly error?: AppError | undefined;
}

/** The RED metrics of one process. */
export class RedMetrics {
  readonly #duration: Histogram;
  readonly #errors: Counter;
  readonly #broken: Counter;
  readonly active: Gauge;

  constructor(register: Registry = registry as Registry) {
    const registers = [register];
    this.#duration = new Histogram({
      name: METRICS.requestDuration,
      help: 'Time from request to answer, in seconds.',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: BUCKETS_S,
      enableExemplars: true,
      registers,
    });
    this.#errors = new Counter({
      name: METRICS.errors,
      help: 'Failed responses by error code; error_type tells client, business and technical apart.',
      labelNames: ['http_route', 'error_code', 'error_type'],
      enableExemplars: true,
      registers,
    });
    this.#broken = new Counter({
      name: METRICS.brokenResponses,
      help: 'Responses broken off because their body failed after the head was sent.',
      labelNames: ['http_route'],
      registers,
    });
    this.active = new Gauge({
      name: METRICS.activeRequests,
      help: 'Requests in flight.',
      registers,
    });
  }

  /** Counts one answer, with exemplars that lead to its trace. */
  record({ method, route, status, durationMs, error }: Answered): void {
    observeWithExemplar(
      this.#duration,
      METRICS.requestDuration,
      { http_request_method: method, http_route: route, http_response_status_code: status },
      durationMs / 1000,
    );
    if (!error) return;
    countWithExemplar(this.#errors, METRICS.errors, {
      http_route: route,
      error_code: error.code,
      error_type: error.kind.type,
    });
  }

  /** Counts a response that was broken off. */
  broken(route: string): void {
    this.#broken.inc({ http_route: route });
  }
}
