import {
  BackendError,
  backendSources,
  readStory,
  type Sources,
  type Story,
} from '@breakwater/story';
import { parseArguments } from '../commands/options.ts';
import { StackError, UsageError } from '../errors.ts';
import { renderStory } from './render.ts';

/** What `explain` needs of the world. */
export interface ExplainIo {
  readonly sources: Sources;
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
  const { traceId, json, waitMs } = parse(args);
  const story = await waitForStory(traceId, waitMs, io);
  if (!story) {
    throw new StackError(
      `No trace and no log line has the id ${traceId}. Check the id against X-Trace-ID of the response; ` +
        'telemetry is kept for 72 hours.',
    );
  }
  io.out(json ? JSON.stringify(story, null, 2) : renderStory(story));
}

function parse(args: readonly string[]): { traceId: string; json: boolean; waitMs: number } {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, wait: { type: 'string', default: '10' } },
  });
  const traceId = positionals[0]?.toLowerCase();
  if (positionals.length !== 1 || !traceId) throw new UsageError('explain needs one TRACE_ID');
  if (!/^[0-9a-f]{32}$/.test(traceId) || /^0+$/.test(traceId)) {
    throw new UsageError(`${positionals[0]} is no trace id: one has 32 hex digits, not all zero`);
  }
  const seconds = Number(values.wait);
  if (!(seconds >= 0 && seconds <= 600)) throw new UsageError('--wait takes 0 to 600 seconds');
  return { traceId, json: values.json, waitMs: seconds * 1000 };
}

/** The story once it is whole, or what there is of it when the wait is over. */
async function waitForStory(
  traceId: string,
  waitMs: number,
  io: ExplainIo,
): Promise<Story | undefined> {
  const until = io.now() + waitMs;
  for (;;) {
    const story = await read(traceId, io);
    if ((story && isWhole(story)) || io.now() >= until) return story;
    await io.sleep(POLL_MS);
  }
}

async function read(traceId: string, io: ExplainIo): Promise<Story | undefined> {
  try {
    return await readStory(io.sources, traceId, io.now());
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new StackError(
      `${error.message}. Start the stack with npm start, or see npm run stack -- status.`,
      { cause: error },
    );
  }
}

/** Whether each span's parent has arrived, each service has a line, and the failure is counted. */
function isWhole(story: Story): boolean {
  const lines = new Set<string>();
  const visit = ({ span, entries }: Story['roots'][number]): void => {
    for (const entry of entries) {
      if (entry.type === 'line') lines.add(span.service);
      if (entry.type === 'span') visit(entry.node);
    }
  };
  story.roots.forEach(visit);
  const oneRoot = story.roots.length === 1;
  const everyServiceLogged = story.services.every((service) => lines.has(service));
  return oneRoot && everyServiceLogged && (!story.answer || story.series.length > 0);
}

function processIo(): ExplainIo {
  return {
    sources: backendSources(),
    out: (text) => process.stdout.write(`${text}\n`),
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
