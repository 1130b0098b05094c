/**
 * Whether the things that a service depends on work, as its own calls to them tell.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import {
  BulkheadFullError,
  type CallEvent,
  CircuitOpenError,
  ErrorRateMonitor,
  type ErrorRateMonitorOptions,
  type ErrorRateSnapshot,
  type Resilience,
} from '@breakwater/resilience';

/** Fewer and younger calls than of the service itself: who looks away must look again soon. */
const WINDOW = { size: 50, minimumRequests: 10, maxAgeMs: 30_000 } as const;

export interface DependencyHealthOptions {
  readonly resilience: Resilience;
  /** Default: unhealthy above 30 % of the last 50 calls, of at least 10, of half a minute. */
  readonly window?: ErrorRateMonitorOptions | undefined;
  /** Told of each change between healthy and unhealthy. */
  readonly onChange: (dependency: string, snapshot: ErrorRateSnapshot) => void;
}

/** One {@link ErrorRateMonitor} for each dependency, fed by how the calls to it end. */
export class DependencyHealth {
  readonly #options: DependencyHealthOptions;
  readonly #monitors = new Map<string, ErrorRateMonitor>();

  constructor(options: DependencyHealthOptions) {
    this.#options = options;
    options.resilience.listen({
      onCall: (event) => {
        const works = verdict(event);
        if (works !== undefined) this.#monitor(event.dependency).record(works);
      },
    });
  }

  /** Whether a dependency is unhealthy; false for one that was never declared. */
  isUnhealthy(dependency: string): boolean {
    return this.#monitors.get(dependency)?.snapshot().is_unhealthy ?? false;
  }

  /** The monitor of every declared dependency. */
  *monitors(): Iterable<readonly [dependency: string, monitor: ErrorRateMonitor]> {
    for (const { name } of this.#options.resilience.list()) yield [name, this.#monitor(name)];
  }

  #monitor(dependency: string): ErrorRateMonitor {
    const known = this.#monitors.get(dependency);
    if (known) return known;
    const made = new ErrorRateMonitor({ ...WINDOW, ...this.#options.window });
    made.onChange((snapshot) => this.#options.onChange(dependency, snapshot));
    this.#monitors.set(dependency, made);
    return made;
  }
}

/**
 * Whether a call shows that its dependency works; undefined where it shows nothing: the caller went
 * away or its time was up, this process had no place for the call, or it asked wrongly.
 */
function verdict({ dependency, outcome, error }: CallEvent): boolean | undefined {
  if (outcome === 'success') return true;
  if (outcome === 'cancelled' || error instanceof BulkheadFullError) return undefined;
  // A refusal by its circuit repeats what the calls that opened it have shown.
  if (outcome === 'rejected') {
    return error instanceof CircuitOpenError && error.dependency === dependency ? false : undefined;
  }
  if (!(error instanceof AppError)) return false;
  return error.kind.type === 'client' ? undefined : error.kind.type === 'business';
}
