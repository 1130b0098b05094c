/**
 * What a trace id leads to, told on the terminal.
 *
 * @module
 */
import { isComplete, isKnown, readStory, type Sources, type Story } from '@breakwater/timeline';
import { renderStory, renderUnknown } from './render.ts';
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
  const story = await waitForStory(traceId, waitMs, io);
  const known = isKnown(story);
  if (json) io.out(JSON.stringify(story, null, 2));
  else if (known) io.out(renderStory(story, io.next));
  if (!known) io.err(renderUnknown(story, io.next));
  if (!known) return EXIT.nothing;
  return story.verdict.outcome === 'unknown' ? EXIT.doubtful : EXIT.known;
}

/** The story once it is whole, or what there is of it when the wait is over. */
async function waitForStory(traceId: string, waitMs: number, io: ExplainIo): Promise<Story> {
  const { sources } = io;
  const until = io.now() + waitMs;
  const read = (lookBackMs?: number) =>
    readStory(sources, traceId, {
      nowMs: io.now(),
      ...(lookBackMs === undefined ? {} : { lookBackMs }),
      ...(io.patienceMs === undefined ? {} : { patienceMs: io.patienceMs }),
    });
  let before: { readonly shape: string; readonly sinceMs: number } | undefined;
  for (;;) {
    const story = await read();
    const whole = isWhole(story);
    // A service outside of those that are known may be a moment late.
    const settled = story.requests.every(({ spanId }) => hasNoParent(story, spanId));
    if (whole && settled) return story;
    const shape = JSON.stringify([whole, story.services, story.counts, story.strayLines.length]);
    if (before?.shape !== shape) before = { shape, sinceMs: io.now() };
    else if (whole) return story;
    else if (isMerelyTraced(story) && isKnown(story) && io.now() - before.sinceMs >= SILENT_MS) {
      return story;
    }
    if (io.now() >= until) return isKnown(story) ? story : read(LOOK_BACK_MS);
    await io.sleep(POLL_MS);
  }
}

function hasNoParent(story: Story, spanId: string | undefined): boolean {
  return story.roots.some(({ span }) => span.spanId === spanId && span.parentId === undefined);
}

/**
 * Whether nothing is on its way any more: each request has its span, each service its line, each
 * failure its count. What a backend that does not respond may have is not waited for.
 */
function isWhole(story: Story): boolean {
  const { evidence, requests, roots, services, strayLines } = story;
  if (requests.length === 0) return false;
  const lines = servicesWithLines(story);
  const serving = new Set(requests.map(({ spanId }) => spanId));
  const spansArrived =
    !isComplete(evidence.spans) ||
    (strayLines.length === 0 &&
      roots.every(({ span }) => span.parentId === undefined || serving.has(span.spanId)));
  const linesArrived =
    !isComplete(evidence.lines) || services.every((service) => lines.has(service));
  const counted = !isComplete(evidence.metrics) || !story.answer || story.series.length > 0;
  return spansArrived && linesArrived && counted;
}

/** Whether spans alone tell of it: a service that writes no lines of ours may never write one. */
function isMerelyTraced({ requests }: Story): boolean {
  return requests.every(
    ({ saidBy, errorCode }) => errorCode === undefined && saidBy.every((each) => each === 'span'),
  );
}

function servicesWithLines(story: Story): Set<string> {
  const lines = new Set(story.strayLines.map(({ service }) => service));
  const pending = [...story.roots];
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
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
