/**
 * What `npm run chaos` leaves behind and the console shows: `journal.json` of a run, and
 * `progress.ndjson` while it runs.
 *
 * @module
 */

/** `passed` and `failed` are about the system; the others say why nothing is known about it. */
export type Verdict =
  | 'passed'
  | 'failed'
  /** A fault did not land, or too few requests were sent to tell. */
  | 'inconclusive'
  /** The system was sick before, or somebody stopped the run. */
  | 'aborted'
  /** The experiment itself broke. */
  | 'error';

/** The parts of a run, in order. */
export type Phase =
  | 'checking'
  | 'baseline'
  | 'injecting'
  | 'undoing'
  | 'recovering'
  | 'after'
  | 'joining'
  | 'done';

/** One statement of the experiment: what was expected and what was seen. */
export interface Statement {
  /** When it had to hold. */
  readonly during: 'baseline' | 'injection' | 'after';
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly held: boolean;
}

/** One fault, from before it was injected until after it was undone. */
export interface Injection {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly fault: string;
  /** ISO 8601; null when it could not be injected. */
  readonly injected_at: string | null;
  readonly undone_at: string | null;
  readonly landed: boolean;
  /** How that is known, or why not. */
  readonly proof: string;
}

/** How the requests of one journey went over a span of time. */
export interface Figures {
  readonly requests: number;
  readonly per_second: number;
  /** Share of requests answered as they should be, 0 to 1. */
  readonly success_ratio: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

/** One second of a run. */
export interface TimelineSample {
  /** Seconds since the load began. */
  readonly t: number;
  readonly phase: Phase;
  /** Requests answered a second, in all and by journey. */
  readonly rate: number;
  readonly rates: Readonly<Record<string, number>>;
  /** Share of them that failed, 0 to 1. */
  readonly error_rate: number;
  readonly p99_ms: number;
  /** State of each watched circuit, as `payments/provider`. */
  readonly breakers: Readonly<Record<string, string>>;
  /** Names of the faults that are active. */
  readonly faults: readonly string[];
}

/** How the failing responses join their traces, lines and counts. */
export interface Join {
  readonly failing: number;
  /** Share of failing responses that lead to their trace and their log lines, 0 to 1. */
  readonly join_rate: number;
  /** Counts of each error code: at the client (k6), in Loki, and in Prometheus. */
  readonly codes: readonly {
    readonly code: string;
    readonly responses: number;
    readonly log_lines: number;
    readonly counted: number;
  }[];
  /** Up to twenty trace ids with what is missing. */
  readonly gaps: Readonly<Record<string, readonly string[]>>;
  /** Failing responses that got no trace id, since nobody answered. */
  readonly unanswered: number;
  readonly dangling_exemplars: number;
  /** Seconds from the last answer until everything was found, or was given up on. */
  readonly settled_s: number;
}

/** `journal.json` of a run. */
export interface Journal {
  readonly testid: string;
  /** Name of the experiment, as `npm run chaos` takes it. */
  readonly experiment: string;
  readonly title: string;
  readonly description: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly duration_s: number;
  readonly verdict: Verdict;
  /** Why the verdict is what it is, in one sentence. */
  readonly reason: string;
  /** Whether the system was seen to be without any fault of the run at its end. */
  readonly undo_verified: boolean;
  /** What was undone of an earlier run before this one began. */
  readonly undone_before: readonly string[];
  readonly statements: readonly Statement[];
  readonly injections: readonly Injection[];
  /** By journey. */
  readonly figures: {
    readonly baseline: Readonly<Record<string, Figures>>;
    readonly injection: Readonly<Record<string, Figures>>;
    readonly after: Readonly<Record<string, Figures>>;
  };
  /** Seconds from the undo until the steady state held again; null when it did not. */
  readonly recovered_s: number | null;
  /** Alerts that fired during the run. */
  readonly alerts: readonly string[];
  /** Absent where there are no backends to join with. */
  readonly join: Join | null;
  readonly timeline: readonly TimelineSample[];
  /** Begin of each phase, in seconds since the load began. */
  readonly phases: readonly { readonly phase: Phase; readonly t: number }[];
}

/** A line of `progress.ndjson`. */
export type Progress =
  | {
      readonly type: 'started';
      readonly at: string;
      readonly testid: string;
      readonly experiment: string;
      readonly title: string;
      readonly pid: number;
    }
  | {
      readonly type: 'step';
      readonly at: string;
      readonly phase: Phase;
      readonly step: string;
    }
  | (TimelineSample & {
      readonly type: 'sample';
      readonly at: string;
      /** Seconds until the phase ends, as planned. */
      readonly left_s: number;
    })
  | {
      readonly type: 'verdict';
      readonly at: string;
      readonly verdict: Verdict;
      readonly reason: string;
      readonly undo_verified: boolean;
    };

/** A fault as `chaos faults` lists it. */
export interface ListedFault {
  /** Who holds it, and ends it when its lease is over: `provider`, `stack`, or a service. */
  readonly holder: string;
  readonly id: string;
  readonly fault: string;
  readonly expires_at: string;
}

/** An experiment as `chaos list` lists it. */
export interface ListedExperiment {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Roughly, from start to verdict. */
  readonly duration_s: number;
}
