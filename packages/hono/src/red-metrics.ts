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
} from '@breakwater/telemetry';
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

/** TLS ends before a service. */
const SCHEME = 'http';

/** RFC 9110, section 9, with PATCH (RFC 5789) and QUERY. */
const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);

const MAX_DEPENDENCIES = 50;

/**
 * The RED metrics of one process. Those that carry a name of OpenTelemetry's HTTP conventions have
 * their labels and buckets, but for `network.protocol.version`, which no question here needs, and for
 * requests of no route: their `http_route` is `unmatched`, since a label that is missing cannot be
 * seen in a legend.
 */
export class RedMetrics {
  readonly #active = new Map<string, number>();
  readonly #duration: DurationFamily;
  readonly #errors: CounterFamily;
  readonly #broken: CounterFamily;
  readonly #dependencies = new Set<string>();

  constructor(register: Registry) {
    const families = register as MetricsRegistry;
    this.#duration = new DurationFamily(
      families,
      METRICS.requestDuration,
      'Time from request to answer, in seconds.',
    );
    this.#errors = new CounterFamily(
      families,
      METRICS.errors,
      'Failed responses by error code; error_type tells client, business and technical apart, and dependency what a technical one is about.',
      ['http_route', 'error_code', 'error_type', 'dependency'],
    );
    this.#broken = new CounterFamily(
      families,
      METRICS.brokenResponses,
      'Responses broken off because their body failed after the head was sent.',
      ['http_route'],
    );
    const active = this.#active;
    new Gauge({
      name: METRICS.activeRequests,
      help: 'Requests in flight.',
      labelNames: ['http_request_method', 'url_scheme'],
      registers: [register],
      collect() {
        for (const [method, count] of active) {
          this.set({ http_request_method: method, url_scheme: SCHEME }, count);
        }
      },
    });
  }

  /** Requests in flight, as of now. */
  get active(): number {
    let sum = 0;
    for (const count of this.#active.values()) sum += count;
    return sum;
  }

  /** Counts a request in flight, until {@link end}. */
  begin(method: string): void {
    const known = knownMethod(method);
    this.#active.set(known, (this.#active.get(known) ?? 0) + 1);
  }

  end(method: string): void {
    const known = knownMethod(method);
    this.#active.set(known, (this.#active.get(known) ?? 0) - 1);
  }

  /** Counts one response, with exemplars that lead to its trace. */
  record({ method, route, status, durationMs, error }: Answered): void {
    this.duration(method, route, status).observeWithExemplar(durationMs / 1000);
    if (error) this.failed(route, error);
  }

  /** The series of how long requests took that ended so. */
  duration(method: string, route: string, status: number): DurationSeries {
    return this.#duration.series({
      http_request_method: knownMethod(method),
      http_route: route,
      http_response_status_code: status,
      url_scheme: SCHEME,
      ...(status >= 500 ? { error_type: String(status) } : {}),
    });
  }

  /** Counts a failed response by its error. */
  failed(route: string, { code, kind, context }: AppError): void {
    const about = kind.type === 'technical' ? context.dependency : undefined;
    const labels = { http_route: route, error_code: code, error_type: kind.type };
    this.#errors
      .series(typeof about === 'string' ? { ...labels, dependency: this.#name(about) } : labels)
      .addWithExemplar();
  }

  /** Names of dependencies stand in the code; should one come from outside, there is a bound. */
  #name(dependency: string): string {
    if (this.#dependencies.size < MAX_DEPENDENCIES) this.#dependencies.add(dependency);
    return this.#dependencies.has(dependency) ? dependency : 'other';
  }

  /** Counts a response that was broken off. */
  broken(route: string): void {
    this.#broken.series({ http_route: route }).add();
  }
}

/** Every other method is `_OTHER` (HTTP semantic conventions): clients choose them. */
export function knownMethod(method: string): string {
  return METHODS.has(method) ? method : '_OTHER';
}
