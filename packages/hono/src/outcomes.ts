/**
 * What all requests of one method, route and status have in common, made once.
 *
 * @module
 */
import type { DurationSeries, PreparedLine } from '@breakwater/telemetry';
import { knownMethod, type RedMetrics } from './red-metrics.ts';
import { accessLine } from './request-log.ts';

/** How a request ended, told by what is bounded. */
export interface RequestOutcome {
  readonly method: string;
  /** Template, never a path. */
  readonly route: string;
  readonly status: number;
  readonly duration: DurationSeries | undefined;
  readonly line: PreparedLine;
}

/** The outcomes that there have been. Methods that clients make up are not kept. */
export class RequestOutcomes {
  readonly #metrics: RedMetrics | undefined;
  /** By route, method and status. */
  readonly #known = new Map<string, Map<string, RequestOutcome[]>>();

  constructor(metrics: RedMetrics | undefined) {
    this.#metrics = metrics;
  }

  of(method: string, route: string, status: number): RequestOutcome {
    return this.#known.get(route)?.get(method)?.[status] ?? this.#make(method, route, status);
  }

  #make(method: string, route: string, status: number): RequestOutcome {
    const duration = this.#metrics?.duration(method, route, status);
    const line = accessLine(method, route, status);
    const outcome = { method, route, status, duration, line };
    if (knownMethod(method) !== method) return outcome;
    const methods = this.#known.get(route) ?? new Map<string, RequestOutcome[]>();
    this.#known.set(route, methods);
    const byStatus = methods.get(method) ?? [];
    methods.set(method, byStatus);
    byStatus[status] = outcome;
    return outcome;
  }
}
