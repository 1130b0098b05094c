/**
 * What is read of a run's `progress.ndjson` and `journal.json`.
 *
 * @module
 */

import type {
  Injection,
  Journal,
  Progress,
  Statement,
  TimelineSample,
  Verdict,
} from './journal.ts';

/** One second of a run; until when its phase is planned only while it runs. */
export type Sample = TimelineSample & { readonly left_s?: number };

/** Something the run did. */
export type Step = Extract<Progress, { type: 'step' }>;

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
  readonly verdict: Verdict | undefined;
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

/** Puts a run together from what it has written so far; undefined when that is nothing. */
export function tellRun(
  testid: string,
  progress: readonly Progress[],
  journal: Journal | undefined,
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
export function parseProgress(text: string): Progress[] {
  return text.split('\n').flatMap((line): Progress[] => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Progress];
    } catch {
      return [];
    }
  });
}
