/**
 * What is read of a run's `progress.ndjson` and `journal.json`.
 *
 * @module
 */

/** One second of a run. */
export interface Sample {
  /** Seconds since the load began. */
  readonly t: number;
  readonly phase: string;
  /** Requests a second. */
  readonly rate: number;
  /** Share of them that failed, 0 to 1. */
  readonly error_rate: number;
  readonly p99_ms: number;
  /** State of each watched circuit, as `payments/provider`. */
  readonly breakers: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  /** Seconds until the phase ends, as planned. */
  readonly left_s?: number;
}

/** Something the run did. */
export interface Step {
  /** ISO 8601. */
  readonly at: string;
  readonly phase: string;
  readonly step: string;
}

/** One statement of the experiment: what was expected and what was seen. */
export interface Statement {
  readonly during: string;
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly held: boolean;
}

/** One fault of the run. */
export interface Injection {
  readonly name: string;
  readonly fault: string;
  readonly landed: boolean;
  readonly proof: string;
}

/** A run, under way or ended. */
export interface Run {
  readonly testid: string;
  readonly experiment: string;
  readonly title: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Process that runs it; undefined of a run whose progress is gone. */
  readonly pid: number | undefined;
  /** Undefined while it runs, and of a run that was cut off. */
  readonly verdict: string | undefined;
  readonly reason: string;
  readonly undoVerified: boolean | undefined;
  readonly durationS: number | undefined;
  readonly steps: readonly Step[];
  readonly samples: readonly Sample[];
  readonly statements: readonly Statement[];
  readonly injections: readonly Injection[];
  /** Seconds from the undo until all was well again. */
  readonly recoveredS: number | null | undefined;
}

/** The part of `journal.json` that is shown. */
export interface JournalFile {
  readonly testid: string;
  readonly experiment: string;
  readonly title: string;
  readonly started_at: string;
  readonly duration_s: number;
  readonly verdict: string;
  readonly reason: string;
  readonly undo_verified: boolean;
  readonly statements: readonly Statement[];
  readonly injections: readonly Injection[];
  readonly recovered_s: number | null;
  readonly timeline: readonly Sample[];
}

/** A line of `progress.ndjson`. */
export type ProgressLine = { readonly at: string } & (
  | ({ readonly type: 'started'; readonly pid: number } & Pick<
      JournalFile,
      'testid' | 'experiment' | 'title'
    >)
  | ({ readonly type: 'step' } & Omit<Step, 'at'>)
  | ({ readonly type: 'sample' } & Sample)
  | ({ readonly type: 'verdict' } & Pick<JournalFile, 'verdict' | 'reason' | 'undo_verified'>)
);

/** Puts a run together from what it has written so far; undefined when that is nothing. */
export function tellRun(
  testid: string,
  progress: readonly ProgressLine[],
  journal: JournalFile | undefined,
): Run | undefined {
  const started = progress.find((line) => line.type === 'started');
  const ended = progress.find((line) => line.type === 'verdict');
  const head = journal ?? started;
  if (!head) return undefined;
  const steps = progress.filter((line) => line.type === 'step');
  const samples = progress.filter((line) => line.type === 'sample');
  return {
    testid,
    experiment: head.experiment,
    title: head.title,
    startedAt: journal?.started_at ?? started?.at ?? '',
    pid: started?.pid,
    verdict: journal?.verdict ?? ended?.verdict,
    reason: journal?.reason ?? ended?.reason ?? '',
    undoVerified: journal?.undo_verified ?? ended?.undo_verified,
    durationS: journal?.duration_s,
    steps,
    samples: journal?.timeline ?? samples,
    statements: journal?.statements ?? [],
    injections: journal?.injections ?? [],
    recoveredS: journal?.recovered_s,
  };
}

/** Lines that are whole; the last one may be half written. */
export function parseProgress(text: string): ProgressLine[] {
  return text.split('\n').flatMap((line): ProgressLine[] => {
    try {
      return line === '' ? [] : [JSON.parse(line) as ProgressLine];
    } catch {
      return [];
    }
  });
}
