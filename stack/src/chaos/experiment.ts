/**
 * An experiment as data, in the words of the Chaos Toolkit: a steady-state hypothesis, a method,
 * rollbacks. What is ours stands under `extensions`.
 *
 * @module
 */

/** Lowest and highest value that is tolerated. */
export interface Tolerance {
  readonly type: 'range';
  readonly range: readonly [number, number];
}

/** What users do; `k6/lib/experiment-load.ts` knows how. */
export type Journey =
  | 'browse'
  | 'view item'
  | 'order'
  | 'order status'
  | 'missing item'
  | 'sign up'
  | 'call external';

/** Something to measure, from the answers of the load. */
export interface LoadMeasure {
  readonly type: 'load';
  readonly journey: Journey;
  readonly measure: /** Share of requests answered as they should be. */
    | 'success_ratio'
    /** Median over the baseline's, which counts as 100 ms where it was less; p99 alike. */
    | 'p50_ratio'
    | 'p99_ratio'
    /** Share of requests with one of `answers`, such as `503 DEPENDENCY_UNAVAILABLE`. */
    | 'share'
    | 'requests';
  readonly answers?: readonly string[];
  /** Only requests answered so many seconds after the first injection, or the undo. */
  readonly after_s?: number;
}

/**
 * A circuit: whether it `is` in a state now, 1 or 0, or seconds from the first injection until it
 * is, infinite when it never was.
 */
export interface BreakerMeasure {
  readonly type: 'breaker';
  readonly measure: 'is' | 'seconds_until';
  readonly service: string;
  readonly breaker: string;
  readonly state: 'open' | 'half_open' | 'closed';
}

/** A metric of a service, read each second from its `/metrics`. */
export interface MetricMeasure {
  readonly type: 'metric';
  readonly service: string;
  readonly metric: string;
  /** Only series with these labels; the others are summed up. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `ratio` is the increase over the increase of `per`. */
  readonly measure: 'increase' | 'max' | 'ratio';
  readonly per?: {
    readonly service: string;
    readonly metric: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** How often an alert was seen firing; 0 when it was not. */
export interface AlertMeasure {
  readonly type: 'alert';
  readonly alert: string;
}

/** Requests that nobody answered. */
export interface UnansweredMeasure {
  readonly type: 'unanswered';
}

/** Lines that services wrote and Loki does not have. */
export interface LinesMeasure {
  readonly type: 'lost_lines';
}

/** A statement about the system. */
export interface Probe {
  readonly type: 'probe';
  readonly name: string;
  readonly tolerance: Tolerance;
  readonly provider:
    | LoadMeasure
    | BreakerMeasure
    | MetricMeasure
    | AlertMeasure
    | UnansweredMeasure
    | LinesMeasure;
}

/** The provider's own fault, as `PUT /faults` of `unstable` takes it. */
export interface ProviderFault {
  readonly type: 'provider_fault';
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A fault inside a service, as its `PUT /faults` takes it; wants `FAULT_INJECTION=on`. */
export interface ServiceFault {
  readonly type: 'service_fault';
  readonly service: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A fault on the way between two processes that a proxy of `docker-compose.yml` stands on. */
export interface NetworkFault {
  readonly type: 'network_fault';
  readonly arguments: {
    readonly proxy: string;
    readonly kind: 'latency' | 'reset' | 'timeout' | 'down';
    readonly latency_ms?: number;
  };
}

/** Something done to a process of the stack. */
export interface ProcessFault {
  readonly type: 'process_fault';
  readonly arguments: {
    readonly process: string;
    readonly kind: 'pause' | 'stop' | 'kill';
  };
}

/** Restarts the chance of `GET /unstable`, so that which calls fail is the same each time. */
export interface Seed {
  readonly type: 'seed';
  readonly seed: number;
  /** One that begins with calls that succeed, for after the fault. */
  readonly afterwards: number;
}

/** Ends the faults that are active, in the middle of a method. */
export interface Undo {
  readonly type: 'undo';
}

/** A step of the method. */
export interface Action {
  readonly type: 'action';
  readonly name: string;
  readonly provider: ProviderFault | ServiceFault | NetworkFault | ProcessFault | Seed | Undo;
  /** Seconds to wait after it. */
  readonly pauses?: { readonly after: number };
}

/** Load by k6. */
export interface RateLoad {
  readonly rates: Readonly<Partial<Record<Journey, number>>>;
}

/** Load without k6. */
export interface CallLoad {
  readonly calls: number;
  readonly journey: Journey;
  readonly steady: Journey;
  readonly every_ms: number;
}

/** What is ours. */
export interface Extension {
  readonly name: 'breakwater';
  /** Switch of the stack without which no fault can land; `all` leaves it out where it is off. */
  readonly needs?: 'FAULT_INJECTION' | 'NETWORK_FAULTS';
  /**
   * Requests a second of each journey, by k6. Or calls one after the other, without k6: `calls`
   * times one journey while the faults are active, and `steady` before and after.
   */
  readonly load: RateLoad | CallLoad;
  /** Seconds. */
  readonly baseline_s: number;
  /** What must hold while the faults are active. */
  readonly during: readonly Probe[];
  /** Longest time from the undo until the steady state holds again, in seconds. */
  readonly recovery_s: number;
  /** Seconds of load after that, over which the steady state must hold. */
  readonly after_s: number;
  /** Circuits to show on the timeline, as `payments/provider`. */
  readonly watch: readonly string[];
  readonly join?: {
    /** Least number of failing responses, or the join says too little. */
    readonly at_least?: number;
    /** Failing responses whose trace may be missing: the fault takes spans along. Default: 0. */
    readonly lost_traces?: number;
  };
  /** What keeps it from failing. */
  readonly protection: {
    readonly name: string;
    /** As `PROTECTIONS_OFF` takes it, `provider.breaker`; null where it is no policy of a service. */
    readonly off: string | null;
  };
}

/** An experiment. */
export interface Experiment {
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly 'steady-state-hypothesis': { readonly title: string; readonly probes: readonly Probe[] };
  readonly method: readonly Action[];
  /** Empty: every fault is undone by the engine, whatever happens. */
  readonly rollbacks: readonly [];
  readonly extensions: readonly [Extension];
}
