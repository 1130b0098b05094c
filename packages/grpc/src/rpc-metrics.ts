/**
 * Rate, errors and duration of the calls a server responds to.
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
import { METRICS, SYSTEM } from './names.ts';

/** The RED metrics of one server; labels are methods of its services, statuses and codes. */
export class RpcMetrics {
  active = 0;
  readonly #duration: DurationFamily;
  readonly #durations = new Map<string, DurationSeries>();

  /** @param limit of calls in flight, if there is one */
  constructor(registry: MetricsRegistry, limit: number | false) {
    this.#duration = new DurationFamily(
      registry,
      METRICS.callDuration,
      'Time from call to response, in seconds.',
    );
    const registers = [registry as Registry];
    const read = () => this.active;
    new Gauge({
      name: METRICS.activeCalls,
      help: 'Calls in flight.',
      registers,
      collect() {
        this.set(read());
      },
    });
    if (limit === false) return;
    const help = 'Calls that may be in flight at once.';
    new Gauge({ name: METRICS.activeCallsLimit, help, registers }).set(limit);
  }

  /** Observes one response, with an exemplar that leads to its trace. */
  record(method: string, status: string, durationMs: number, isError: boolean): void {
    this.#series(method, status, isError).observeWithExemplar(durationMs / 1_000);
  }

  #series(method: string, status: string, isError: boolean): DurationSeries {
    const key = `${status} ${method}`;
    let series = this.#durations.get(key);
    if (!series) {
      series = this.#duration.series({
        rpc_system_name: SYSTEM,
        rpc_method: method,
        rpc_status_code: status,
        ...(isError ? { error_type: status } : {}),
      });
      this.#durations.set(key, series);
    }
    return series;
  }
}

/** Counts failed responses by their code, for a process where nothing else does. */
export function countErrors(registry: MetricsRegistry) {
  const family = new CounterFamily(
    registry,
    METRICS.errors,
    'Failed responses by error code; error_type tells client, business and technical apart.',
    ['http_route', 'error_code', 'error_type'],
  );
  return (route: string, error: AppError | undefined): void => {
    if (!error) return;
    const labels = { error_code: error.code, error_type: error.kind.type };
    family.series({ http_route: route, ...labels }).addWithExemplar();
  };
}
