/**
 * What a trace id leads to, told on the terminal.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isComplete,
  isKnown,
  readTimeline,
  type Sources,
  type Timeline,
} from '@breakwater/timeline';
import { renderTimeline, renderUnknown } from './render.ts';
import type { TraceArguments } from './trace-arguments.ts';

/** What `explain` needs of the world. */
export interface ExplainIo {
  readonly sources: Sources;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** What to do while something cannot be read, as a sentence. */
  readonly next: string;
  /** Longest wait for one backend, in milliseconds. Default: 5,000. */
  readonly patienceMs?: number;
}

const POLL_MS = 500;
/** How long a trace stays as it is before nothing more is expected of it, where nobody writes our lines. */
const SILENT_MS = 1_500;
/** What nobody knows at first is looked for this far back in the end: as long as backends keep it. */
const LOOK_BACK_MS = 72 * 3_600_000;

/** Exit codes of `explain`. */
const EXIT = { known: 0, nothing: 1, doubtful: 3 } as const;

/**
 * Tells what is known of a trace, by those sources that respond.
 *
 * @returns the exit code: 0 it says whether the request failed, 1 nothing is known of the id,
 *   3 something is, but not whether the request failed
 */
export async function explain(
  { traceId, json, waitMs }: TraceArguments,
  io: ExplainIo,
): Promise<number> {
  const timeline = await waitForTimeline(traceId, waitMs, io);
  const known = isKnown(timeline);
  if (json) io.out(JSON.stringify(timeline, null, 2));
  else if (known) io.out(renderTimeline(timeline, io.next));
  if (!known) io.err(renderUnknown(timeline, io.next));
  if (!known) return EXIT.nothing;
  return timeline.verdict.outcome === 'unknown' ? EXIT.doubtful : EXIT.known;
}

/** The timeline once it is whole, or what there is of it when the wait is over. */
async function waitForTimeline(traceId: string, waitMs: number, io: ExplainIo): Promise<Timeline> {
  const { sources } = io;
  const until = io.now() + waitMs;
  const read = (lookBackMs?: number) =>
    readTimeline(sources, traceId, {
      nowMs: io.now(),
      ...(lookBackMs === undefined ? {} : { lookBackMs }),
      ...(io.patienceMs === undefined ? {} : { patienceMs: io.patienceMs }),
    });
  let before: { readonly shape: string; readonly sinceMs: number } | undefined;
  for (;;) {
    const timeline = await read();
    const whole = isWhole(timeline);
    // A service outside of those that are known may be a moment late.
    const settled = timeline.requests.every(({ spanId }) => hasNoParent(timeline, spanId));
    if (whole && settled) return timeline;
    const shape = JSON.stringify([
      whole,
      timeline.services,
      timeline.counts,
      timeline.strayLines.length,
    ]);
    if (before?.shape !== shape) before = { shape, sinceMs: io.now() };
    else if (whole) return timeline;
    else if (
      isMerelyTraced(timeline) &&
      isKnown(timeline) &&
      io.now() - before.sinceMs >= SILENT_MS
    ) {
      return timeline;
    }
    if (io.now() >= until) return isKnown(timeline) ? timeline : read(LOOK_BACK_MS);
    await io.sleep(POLL_MS);
  }
}

function hasNoParent(timeline: Timeline, spanId: string | undefined): boolean {
  return timeline.roots.some(({ span }) => span.spanId === spanId && span.parentId === undefined);
}

/**
 * Whether nothing is on its way any more: each request has its span, each service its line, each
 * failure its count. What a backend that does not respond may have is not waited for.
 */
function isWhole(timeline: Timeline): boolean {
  const { evidence, requests, roots, services, strayLines } = timeline;
  if (requests.length === 0) return false;
  const lines = servicesWithLines(timeline);
  const serving = new Set(requests.map(({ spanId }) => spanId));
  const spansArrived =
    !isComplete(evidence.spans) ||
    (strayLines.length === 0 &&
      roots.every(({ span }) => span.parentId === undefined || serving.has(span.spanId)));
  const linesArrived =
    !isComplete(evidence.lines) || services.every((service) => lines.has(service));
  const counted = !isComplete(evidence.metrics) || !timeline.answer || timeline.series.length > 0;
  return spansArrived && linesArrived && counted;
}

/** Whether spans alone tell of it: a service that writes no lines of ours may never write one. */
function isMerelyTraced({ requests }: Timeline): boolean {
  return requests.every(
    ({ saidBy, errorCode }) => errorCode === undefined && saidBy.every((each) => each === 'span'),
  );
}

function servicesWithLines(timeline: Timeline): Set<string> {
  const lines = new Set(timeline.strayLines.map(({ service }) => service));
  const pending = [...timeline.roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const entry of node.entries) {
      if (entry.type === 'line') lines.add(node.span.service);
      if (entry.type === 'span') pending.push(entry.node);
    }
  }
  return lines;
}

/** The terminal and the clock of this process; complaints begin with the program's name. */
export function explainIo(program: string, sources: Sources, next: string): ExplainIo {
  return {
    sources,
    next,
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${program}: ${text}\n`),
    now: Date.now,
    sleep,
  };
}
