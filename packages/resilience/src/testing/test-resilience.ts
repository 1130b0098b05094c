/**
 * A process in a test: its own dependencies, clock, registry and log, and what they recorded.
 *
 * @module
 */

import { createRegistry, type MetricsRegistry } from '@breakwater/telemetry';
import type {
  AttemptEvent,
  CallEvent,
  FallbackEvent,
  Listener,
  RejectionEvent,
  RetryEvent,
  RetrySkippedEvent,
  TransitionEvent,
} from '../events.ts';
import { prometheusMetrics } from '../prometheus/index.ts';
import { Resilience, type ResilienceOptions } from '../resilience.ts';
import { seededRandom } from '../seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A line that was logged. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps every event. */
export class EventRecorder implements Listener {
  readonly transitions: TransitionEvent[] = [];
  readonly calls: CallEvent[] = [];
  readonly attempts: AttemptEvent[] = [];
  readonly rejections: RejectionEvent[] = [];
  readonly retries: RetryEvent[] = [];
  readonly retriesSkipped: RetrySkippedEvent[] = [];
  readonly fallbacks: FallbackEvent[] = [];

  onTransition(event: TransitionEvent): void {
    this.transitions.push(event);
  }

  onCall(event: CallEvent): void {
    this.calls.push(event);
  }

  onAttempt(event: AttemptEvent): void {
    this.attempts.push(event);
  }

  onRejection(event: RejectionEvent): void {
    this.rejections.push(event);
  }

  onRetry(event: RetryEvent): void {
    this.retries.push(event);
  }

  onRetrySkipped(event: RetrySkippedEvent): void {
    this.retriesSkipped.push(event);
  }

  onFallback(event: FallbackEvent): void {
    this.fallbacks.push(event);
  }
}

/**
 * Makes a {@link Resilience} on a virtual clock, with random numbers from a seed.
 *
 * @example
 * const { resilience, clock, events } = testResilience();
 * const catalog = resilience.dependency('catalog', { timeoutMs: 100 });
 */
export function testResilience(options: ResilienceOptions & { readonly seed?: number } = {}): {
  readonly resilience: Resilience;
  readonly clock: VirtualClock;
  readonly registry: MetricsRegistry;
  readonly lines: LoggedLine[];
  readonly events: EventRecorder;
} {
  const clock = new VirtualClock();
  const registry = createRegistry();
  const lines: LoggedLine[] = [];
  const events = new EventRecorder();
  const resilience = new Resilience({
    clock,
    random: seededRandom(options.seed ?? 1),
    metrics: prometheusMetrics(registry),
    log: (level, message, fields) => lines.push({ level, message, fields }),
    ...options,
    listeners: [events, ...(options.listeners ?? [])],
  });
  return { resilience, clock, registry, lines, events };
}
