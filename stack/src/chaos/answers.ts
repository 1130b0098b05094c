import type { Figures, TimelineSample } from '@breakwater/console/experiments';

/** One request of the load and how it was answered. */
export interface Answer {
  readonly journey: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Error code of a failing answer, else empty. */
  readonly code: string;
  readonly traceId: string;
  readonly ms: number;
  /** When it was there, milliseconds since the epoch. */
  readonly atMs: number;
  /** Answered as it should be. */
  readonly expected: boolean;
}

/** A span of time, milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The answers of a span, of one journey or of all. */
export function within(
  answers: readonly Answer[],
  { fromMs, toMs }: Span,
  journey?: string,
): Answer[] {
  return answers.filter(
    ({ atMs, journey: of }) =>
      atMs >= fromMs && atMs < toMs && (journey === undefined || of === journey),
  );
}

/** The value below which a share `q` of the latencies lies; NaN of none. */
export function quantile(answers: readonly Answer[], q: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** Share of the answers that are as they should be; NaN of none. */
export function successRatio(answers: readonly Answer[]): number {
  return answers.filter(({ expected }) => expected).length / answers.length;
}

/** The answers of each journey in figures. */
export function figures(answers: readonly Answer[], span: Span): Record<string, Figures> {
  const seconds = Math.max(0.001, (span.toMs - span.fromMs) / 1000);
  const byJourney = Map.groupBy(within(answers, span), ({ journey }) => journey);
  return Object.fromEntries(
    [...byJourney].map(([journey, of]) => [
      journey,
      {
        requests: of.length,
        per_second: round(of.length / seconds, 1),
        success_ratio: round(successRatio(of), 4),
        p50_ms: Math.round(quantile(of, 0.5)),
        p99_ms: Math.round(quantile(of, 0.99)),
      },
    ]),
  );
}

/** The answers of one second, with what else was seen in it. */
export function sampleOf(
  second: readonly Answer[],
  seen: Pick<TimelineSample, 't' | 'phase' | 'breakers' | 'faults'>,
): TimelineSample {
  const of = Map.groupBy(second, ({ journey }) => journey);
  const none = second.length === 0;
  return {
    ...seen,
    rate: second.length,
    rates: Object.fromEntries([...of].map(([journey, { length }]) => [journey, length])),
    error_rate: none ? 0 : round(1 - successRatio(second), 3),
    p99_ms: none ? 0 : Math.round(quantile(second, 0.99)),
  };
}

/** A number with so many digits after the point. */
export function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
