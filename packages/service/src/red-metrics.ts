/**
 * Rate, errors and duration of the requests a service answers.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import {
  CounterFamily,
  DurationFamily,
  type DurationSeries,
  type MetricsRegistry,
  registry,
} from '@breakwater/otel';
import { Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';

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
  /** Requests in flight, as of now. */
  active = 0;
  readonly #duration: DurationFamily;
  readonly #durations = new Map<string, DurationSeries>();
  readonly #errors: CounterFamily;
  readonly #broken: CounterFamily;

  constructor(register: Registry = registry as Registry) {
    const families = register as MetricsRegistry;
    this.#duration = new DurationFamily(
      families,
      METRICS.requestDuration,
      'Time from request to answer, in seconds.',
    );
    this.#errors = new CounterFamily(
      families,
      METRICS.errors,
      'Failed responses by error code; error_type tells client, business and technical apart.',
      ['http_route', 'error_code', 'error_type'],
    );
    this.#broken = new CounterFamily(
      families,
      METRICS.brokenResponses,
      'Responses broken off because their body failed after the head was sent.',
      ['http_route'],
    );
    const now = () => this.active;
    new Gauge({
      name: METRICS.activeRequests,
      help: 'Requests in flight.',
      registers: [register],
      collect() {
        this.set(now());
      },
    });
  }

  /** Counts one answer, with exemplars that lead to its trace. */
  record({ method, route, status, durationMs, error }: Answered): void {
    this.#series(method, route, status).observeWithExemplar(durationMs / 1000);
    if (!error) return;
    const labels = { http_route: route, error_code: error.code, error_type: error.kind.type };
    this.#errors.series(labels).addWithExemplar();
  }

  /** Counts a response that was broken off. */
  broken(route: string): void {
    this.#broken.series({ http_route: route }).add();
  }

  #series(method: string, route: string, status: number): DurationSeries {
    const key = `${status} ${method} ${route}`;
    let series = this.#durations.get(key);
    if (!series) {
      series = this.#duration.series({
        http_request_method: method,
        http_route: route,
        http_response_status_code: status,
      });
      this.#durations.set(key, series);
    }
    return series;
  }
}
