import { resolve } from 'node:path';
import { BackendError, readStory, type Sources, type Story } from '@breakwater/story';
import { COMPOSE_FILE, parseArguments } from '../commands/options.ts';
import { StackError, UsageError } from '../errors.ts';
import { openSources } from '../sources.ts';
import { renderStory } from './render.ts';

/** What `explain` needs of the world. */
export interface ExplainIo {
  /** Opens the sources of the stack of a compose file. */
  readonly sources: (file: string) => Sources;
  readonly out: (text: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const POLL_MS = 500;

/**
 * @throws {UsageError} for a malformed id
 * @throws {StackError} when no backend knows the id, or one does not answer
 */
export async function explain(args: readonly string[], io: ExplainIo = processIo()): Promise<void> {
  const { traceId, json, waitMs, file } = parse(args);
  const story = await waitForStory(traceId, waitMs, io.sources(file), io);
  if (!story) {
    throw new StackError(
      `No trace and no log line has the id ${traceId}. Check the id against X-Trace-ID of the response; ` +
        'backends keep telemetry for 72 hours, the console what fits into its memory.',
    );
  }
  io.out(json ? JSON.stringify(story, null, 2) : renderStory(story));
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
): Promise<Story | undefined> {
  const until = io.now() + waitMs;
  for (;;) {
    const story = await read(traceId, sources, io.now());
    if ((story && isWhole(story)) || io.now() >= until) return story;
    await io.sleep(POLL_MS);
  }
}

async function read(traceId: string, sources: Sources, nowMs: number): Promise<Story | undefined> {
  try {
    return await readStory(sources, traceId, nowMs);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new StackError(
      `${error.message}. Start the stack with npm start, or see npm run stack -- status.`,
      { cause: error },
    );
  }
}

/** Whether no span is missing, each service has a line, and the failure is counted. */
function isWhole(story: Story): boolean {
  const lines = new Set<string>();
  const visit = ({ span, entries }: Story['roots'][number]): void => {
    for (const entry of entries) {
      if (entry.type === 'line') lines.add(span.service);
      if (entry.type === 'span') visit(entry.node);
    }
  };
  story.roots.forEach(visit);
  const spansArrived = story.roots.length === 1 && story.strayLines.length === 0;
  const everyServiceLogged = story.services.every((service) => lines.has(service));
  return spansArrived && everyServiceLogged && (!story.answer || story.series.length > 0);
}

function processIo(): ExplainIo {
  return {
    sources: (file) => openSources(file).sources,
    out: (text) => process.stdout.write(`${text}\n`),
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
