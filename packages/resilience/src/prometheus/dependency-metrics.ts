/**
 * Counts the events of one dependency.
 *
 * @module
 */
import type { CounterSeries } from '@breakwater/telemetry';
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
import {
  OUTCOMES,
  REJECTION_REASONS,
  RETRY_REASONS,
  SKIP_REASONS,
  SOURCES,
  TRANSITIONS,
} from '../names.ts';
import type { Families } from './families.ts';

type Series<K extends string, S = CounterSeries> = Readonly<Record<K, S>>;

function byWord<K extends string, S>(words: readonly K[], make: (word: K) => S): Series<K, S> {
  return Object.fromEntries(words.map((word) => [word, make(word)])) as Record<K, S>;
}

/** What a dependency's listener needs to know to hold every series from the start. */
export interface MetricsScope {
  readonly dependency: string;
  readonly hasBreaker: boolean;
}

/** Counts the events of one dependency. All its series exist, at 0, from when it is declared. */
export class DependencyMetrics implements Listener {
  readonly #calls: Series<CallEvent['outcome']>;
  readonly #executions;
  readonly #attempts;
  readonly #rejections: Series<RejectionEvent['reason']>;
  readonly #retries: Series<RetryEvent['reason']>;
  readonly #skipped: Series<RetrySkippedEvent['reason']>;
  readonly #fallbacks: Series<string>;
  readonly #transitions = new Map<string, CounterSeries>();
  readonly #listenerErrors: CounterSeries;

  constructor(families: Families, { dependency, hasBreaker }: MetricsScope) {
    const reasons = { dependency };
    this.#calls = byWord(OUTCOMES, (outcome) => families.calls.series({ dependency, outcome }));
    this.#executions = byWord(OUTCOMES, (outcome) =>
      families.executionDuration.series({ dependency, outcome }),
    );
    this.#attempts = byWord(OUTCOMES, (outcome) =>
      families.attemptDuration.series({ dependency, outcome }),
    );
    this.#rejections = byWord(REJECTION_REASONS, (reason) =>
      families.rejections.series({ ...reasons, reason }),
    );
    this.#retries = byWord(RETRY_REASONS, (reason) =>
      families.retries.series({ ...reasons, reason }),
    );
    this.#skipped = byWord(SKIP_REASONS, (reason) =>
      families.retriesSkipped.series({ ...reasons, reason }),
    );
    const sources = [...SOURCES.filter((source) => source !== 'primary'), 'none'];
    this.#fallbacks = byWord(sources, (source) =>
      families.fallbacks.series({ dependency, source }),
    );
    this.#listenerErrors = families.listenerErrors.series({ dependency });
    if (!hasBreaker) return;
    for (const [from, to] of TRANSITIONS) {
      const series = families.transitions.series({ breaker: dependency, from, to });
      this.#transitions.set(`${from} ${to}`, series);
    }
  }

  onCall({ outcome, durationMs }: CallEvent): void {
    const seconds = durationMs / 1_000;
    const isFailure = outcome === 'failure' || outcome === 'cancelled';
    if (isFailure) this.#executions[outcome].observeWithExemplar(seconds);
    else this.#executions[outcome].observe(seconds);
    if (isFailure || outcome === 'rejected') this.#calls[outcome].addWithExemplar();
    else this.#calls[outcome].add();
  }

  onAttempt({ outcome, durationMs }: AttemptEvent): void {
    const seconds = durationMs / 1_000;
    if (outcome === 'failure') this.#attempts[outcome].observeWithExemplar(seconds);
    else this.#attempts[outcome].observe(seconds);
  }

  onTransition({ from, to }: TransitionEvent): void {
    this.#transitions.get(`${from} ${to}`)?.addWithExemplar();
  }

  onRejection({ reason }: RejectionEvent): void {
    this.#rejections[reason].addWithExemplar();
  }

  onRetry({ reason }: RetryEvent): void {
    this.#retries[reason].addWithExemplar();
  }

  onRetrySkipped({ reason }: RetrySkippedEvent): void {
    this.#skipped[reason].add();
  }

  onFallback({ source }: FallbackEvent): void {
    this.#fallbacks[source ?? 'none']?.addWithExemplar();
  }

  onListenerError(): void {
    this.#listenerErrors.add();
  }
}
