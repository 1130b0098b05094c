/**
 * When each circuit moved, and why.
 *
 * @module
 */
import {
  type BreakerSnapshot,
  type CircuitState,
  errorType,
  type Listener,
  type TransitionEvent,
  type TransitionReason,
} from '@breakwater/resilience';
import { trace } from '@opentelemetry/api';

/** One transition of a circuit. */
export interface Transition {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: TransitionReason;
  /** Code of the failure that opened it. */
  readonly errorType: string | undefined;
  readonly by: string | undefined;
  readonly why: string | undefined;
  /** The call that did it. */
  readonly traceId: string | undefined;
  /** How long the new state lasts by itself, in milliseconds. */
  readonly lastsMs: number | undefined;
}

/** Circuits remembered. */
const LIMIT = 1_000;
/** Transitions remembered of each circuit. */
const DEPTH = 20;

/** Listens to transitions. Memory is bounded: the circuit that moved longest ago goes first. */
export class BreakerHistory implements Listener {
  readonly #now: () => number;
  readonly #startedAt: number;
  /** Newest first. */
  readonly #transitions = new Map<string, readonly Transition[]>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedAt = now();
  }

  onTransition(event: TransitionEvent): void {
    const { breaker, from, to, reason, by, why, lastsMs, error } = event;
    const transition: Transition = {
      ...{ at: this.#now(), from, to, reason, by, why, lastsMs },
      errorType: error === undefined ? undefined : errorType(error),
      traceId: trace.getActiveSpan()?.spanContext().traceId,
    };
    const earlier = this.of(breaker).slice(0, DEPTH - 1);
    this.#transitions.delete(breaker);
    this.#transitions.set(breaker, [transition, ...earlier]);
    const [oldest] = this.#transitions.keys();
    if (this.#transitions.size > LIMIT && oldest !== undefined) this.#transitions.delete(oldest);
  }

  /** The latest transitions of a circuit, newest first; empty when it never moved. */
  of(breaker: string): readonly Transition[] {
    return this.#transitions.get(breaker) ?? [];
  }

  /**
   * Since when a circuit is in its state, in milliseconds since the epoch. An open one becomes
   * half-open when its time is over, though no transition tells before the next call.
   */
  since({ name, state }: BreakerSnapshot): number {
    const [last] = this.of(name);
    if (last === undefined) return this.#startedAt;
    return last.to === state ? last.at : last.at + (last.lastsMs ?? 0);
  }
}
