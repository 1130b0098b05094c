import { resolve } from 'node:path';
import { isComplete, isKnown, readStory, type Sources, type Story } from '@breakwater/timeline';
import { COMPOSE_FILE, parseArguments } from '../commands/options.ts';
import { UsageError } from '../errors.ts';
import { openSources } from '../sources.ts';
import { renderStory, renderUnknown } from './render.ts';

/** What `explain` needs of the world. */
export interface ExplainIo {
  /** Opens the sources of the stack of a compose file. */
  readonly sources: (file: string) => Sources;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Longest wait for one backend, in milliseconds. */
  readonly patienceMs?: number;
}

const POLL_MS = 500;
/** What nobody knows at first is looked for this far back in the end: as long as backends keep it. */
const LOOK_BACK_MS = 72 * 3_600_000;

/** Exit codes of `explain`. */
const EXIT = { known: 0, nothing: 1, doubtful: 3 } as const;

/**
 * Tells the story of a trace by those backends that respond.
 *
 * @returns the exit code: 0 the story says whether the request failed, 1 nothing is known of the id,
 *   3 something is, but not whether the request failed
 * @throws {UsageError} for a malformed id
 */
export async function explain(
  args: readonly string[],
  io: ExplainIo = processIo(),
): Promise<number> {
  const { traceId, json, waitMs, file } = parse(args);
  const story = await waitForStory(traceId, waitMs, io.sources(file), io);
  const known = isKnown(story);
  if (json) io.out(JSON.stringify(story, null, 2));
  else if (known) io.out(renderStory(story));
  if (!known) io.err(renderUnknown(story));
  if (!known) return EXIT.nothing;
  return story.verdict.outcome === 'unknown' ? EXIT.doubtful : EXIT.known;
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      file: { type: 'string', short: 'f', default: COMPOSE_FILE },
      json: { type: 'boolean', default: false },
      wait: { type: 'string', default: '10' },
    },
  });
  const traceId = positionals[0]?.toLowerCase();
  if (positionals.length !== 1 || !traceId) throw new UsageError('explain needs one TRACE_ID');
  if (!/^[0-9a-f]{32}$/.test(traceId) || /^0+$/.test(traceId)) {
    throw new UsageError(`${positionals[0]} is no trace id: one has 32 hex digits, not all zero`);
  }
  const seconds = Number(values.wait);
  if (!(seconds >= 0 && seconds <= 600)) throw new UsageError('--wait takes 0 to 600 seconds');
  return { traceId, json: values.json, waitMs: seconds * 1000, file: resolve(values.file) };
}

/** The story once it is whole, or what there is of it when the wait is over. */
async function waitForStory(
  traceId: string,
  waitMs: number,
  sources: Sources,
  io: ExplainIo,
): Promise<Story> {
  const until = io.now() + waitMs;
  const read = (lookBackMs?: number) =>
    readStory(sources, traceId, {
      nowMs: io.now(),
      ...(lookBackMs === undefined ? {} : { lookBackMs }),
      ...(io.patienceMs === undefined ? {} : { patienceMs: io.patienceMs }),
    });
  let before: string | undefined;
  for (;;) {
    const story = await read();
    if (isWhole(story)) {
      // A service outside of those that are known may be a moment late.
      const settled = story.requests.every(({ spanId }) => hasNoParent(story, spanId));
      const shape = JSON.stringify([story.services, story.counts]);
      if (settled || shape === before) return story;
      before = shape;
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

function processIo(): ExplainIo {
  return {
    sources: (file) => openSources(file).sources,
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`stack: ${text}\n`),
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
