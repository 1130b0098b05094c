/**
 * What a dependency tells those who watch it.
 *
 * @module
 */
import type { Transition } from './breaker/breaker.ts';
import type { Outcome, RejectionReason, RetryReason, SkipReason, Source } from './names.ts';
import type { Ending } from './outcome.ts';

/** A circuit has changed its state. */
export interface TransitionEvent extends Transition {
  readonly dependency: string;
  /** The name of the circuit: the dependency's. */
  readonly breaker: string;
}

/** An execution has ended. Each execution ends in exactly one of these. */
export interface CallEvent {
  readonly dependency: string;
  /** How it ended, in the words of metrics. */
  readonly outcome: Outcome;
  /** How the attempt ended that decided it. */
  readonly ending: Ending;
  readonly durationMs: number;
  /** Attempts that were let through; 0 when the call was refused. */
  readonly attempts: number;
  readonly error: unknown;
}

/** An attempt that was let through has ended. */
export interface AttemptEvent {
  readonly dependency: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly ending: Ending;
  readonly durationMs: number;
  readonly error: unknown;
}

/** An attempt was refused: nothing was sent. */
export interface RejectionEvent {
  readonly dependency: string;
  readonly reason: RejectionReason;
  readonly attempt: number;
}

/** A failed attempt will be repeated. */
export interface RetryEvent {
  readonly dependency: string;
  readonly reason: RetryReason;
  /** The attempt that failed. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** A failed attempt would have been repeated, had something not forbidden it. */
export interface RetrySkippedEvent {
  readonly dependency: string;
  readonly reason: SkipReason;
  readonly attempt: number;
  readonly error: unknown;
}

/** Something else answered for the dependency. */
export interface FallbackEvent {
  readonly dependency: string;
  /** Undefined when no step had a value, and the call failed with `error`. */
  readonly source: Exclude<Source, 'primary'> | undefined;
  readonly error: unknown;
}

/** A listener threw or rejected: the call was not touched. */
export interface ListenerErrorEvent {
  readonly dependency: string;
  readonly error: unknown;
}

/**
 * Watches dependencies. Listeners are called in the async context of the call concerned, after the
 * fact: whatever they throw or reject with changes nothing and is counted.
 */
export interface Listener {
  onTransition?(event: TransitionEvent): void;
  onCall?(event: CallEvent): void;
  onAttempt?(event: AttemptEvent): void;
  onRejection?(event: RejectionEvent): void;
  onRetry?(event: RetryEvent): void;
  onRetrySkipped?(event: RetrySkippedEvent): void;
  onFallback?(event: FallbackEvent): void;
  /** A listener, perhaps this one, threw or rejected. */
  onListenerError?(event: ListenerErrorEvent): void;
}

type EventOf<K extends keyof Listener> = Parameters<NonNullable<Listener[K]>>[0];

const EVENTS = [
  ...['onTransition', 'onCall', 'onAttempt', 'onRejection', 'onRetry', 'onRetrySkipped'],
  ...['onFallback', 'onListenerError'],
] as (keyof Listener)[];

type Told = Readonly<Record<keyof Listener, readonly Listener[]>>;

/** Tells listeners, and keeps their trouble away from the call. */
export class Dispatcher {
  readonly #dependency: string;
  readonly #shared: { readonly listeners: readonly Listener[] };
  #own: Told;

  /**
   * @param own the dependency's telemetry.
   * @param shared its list of listeners may be replaced, but not changed.
   */
  constructor(
    dependency: string,
    own: readonly Listener[],
    shared: { readonly listeners: readonly Listener[] },
  ) {
    this.#dependency = dependency;
    this.#shared = shared;
    // Sorted once, since most of them listen to few events and every call tells two.
    this.#own = Object.fromEntries(
      EVENTS.map((name) => [name, own.filter((listener) => listener[name] !== undefined)]),
    ) as unknown as Told;
  }

  /** Add to the dependency's telemetry. */
  add(listener: Listener): void {
    this.#own = Object.fromEntries(
      EVENTS.map((name) => [
        name,
        listener[name] === undefined ? this.#own[name] : [...this.#own[name], listener],
      ]),
    ) as unknown as Told;
  }

  emit<K extends keyof Listener>(name: K, event: EventOf<K>): void {
    for (const listener of this.#own[name]) this.#tell(listener, name, event);
    for (const listener of this.#shared.listeners) this.#tell(listener, name, event);
  }

  #tell<K extends keyof Listener>(listener: Listener, name: K, event: EventOf<K>): void {
    try {
      const told: unknown = (listener[name] as ((event: EventOf<K>) => void) | undefined)?.(event);
      // An async listener rejects later; unhandled, that would end the process.
      if (told instanceof Promise) told.catch((error) => this.#failed(name, error));
    } catch (error) {
      this.#failed(name, error);
    }
  }

  /** Trouble with a report of trouble is not reported, or it might never end. */
  #failed(name: keyof Listener, error: unknown): void {
    if (name !== 'onListenerError') {
      this.emit('onListenerError', { dependency: this.#dependency, error });
    }
  }
}
