/**
 * Telemetry without backends: spans and OTLP lines in memory, other lines in their files, metrics
 * from the services.
 *
 * @module
 */
import { compareLines } from '../log-line.ts';
import type { AnsweredRequest, LogLine } from '../model.ts';
import type { AnswerQuery, Findings, LiveSources, LogSource } from '../sources.ts';
import { AnswerIndex } from './answer-index.ts';
import { LineRing, type LineRingOptions } from './line-ring.ts';
import { logFiles } from './log-files.ts';
import { Scraper, type ScraperOptions } from './scraper.ts';
import { TraceRing, type TraceRingOptions } from './trace-ring.ts';

/** Where the telemetry of this machine is, and how much of it is kept. */
export interface EmbeddedOptions extends ScraperOptions, TraceRingOptions, LineRingOptions {
  /** Folder of the services' log files, one JSON object a line. */
  readonly logDirectory: string;
}

/** The sources, and where telemetry is handed in. */
export interface EmbeddedTelemetry {
  readonly sources: LiveSources;
  /** Takes what an OTLP exporter sent; see {@link TraceRing.add}. */
  readonly traces: TraceRing;
  /** Takes what an OTLP exporter sent; see {@link LineRing.add}. */
  readonly lines: LineRing;
  /** Ends the scraping. */
  close(): void;
}

/** How often the log files are looked at, so that no single look has much to read. */
const LOOK_EVERY_MS = 1_000;

/**
 * Starts to scrape the services and to follow their log files. Nothing here is asked for by a
 * service but the taking of what it exports, so that none is slowed when this is down.
 */
export function embeddedSources(options: EmbeddedOptions): EmbeddedTelemetry {
  const traces = new TraceRing(options);
  const lines = new LineRing(options);
  const answers = new AnswerIndex(options.logDirectory);
  const metrics = new Scraper(options);
  metrics.start();
  const looking = setInterval(() => void answers.look().catch(() => undefined), LOOK_EVERY_MS);
  looking.unref();
  return {
    traces,
    lines,
    sources: {
      kind: 'embedded',
      traces,
      logs: together(logFiles(options.logDirectory), lines),
      metrics,
      links: () => ({}),
      answers: async (query) => allAnswers(await answers.answers(query), lines, traces, query),
      traffic: async (range, stepMs) => metrics.traffic(range, stepMs),
      breakers: async (range, stepMs) => metrics.breakers(range, stepMs),
      bounds: async () => [
        ...traces.bounds(),
        ...lines.bounds(),
        ...answers.bounds(),
        ...metrics.bounds(),
      ],
    },
    close() {
      clearInterval(looking);
      metrics.close();
    },
  };
}

/** The lines of both, each in its place. */
function together(files: LogSource, ring: LogSource): LogSource {
  const both = async (...reading: Promise<Findings<LogLine>>[]): Promise<Findings<LogLine>> => {
    const all = await Promise.all(reading);
    const found = all.flatMap((each) => each.found).sort(compareLines);
    const missing = all.flatMap(({ incomplete }) => incomplete ?? []);
    return missing.length === 0 ? { found } : { found, incomplete: missing.join(' ') };
  };
  return {
    ofTrace: (traceId, range) => both(files.ofTrace(traceId, range), ring.ofTrace(traceId, range)),
    within: (range) => both(files.within(range), ring.within(range)),
  };
}

/** What lines tell of, and those that only a SERVER span does. */
function allAnswers(
  inFiles: Findings<AnsweredRequest>,
  { answers: ofLines }: LineRing,
  { answers: ofSpans }: TraceRing,
  query: AnswerQuery,
): Findings<AnsweredRequest> {
  const byLine = [...inFiles.found, ...ofLines.find(query).found];
  const ofTrace = Map.groupBy(byLine, ({ traceId }) => traceId);
  const bySpan = ofSpans
    .find(query)
    .found.filter((span) => !ofTrace.get(span.traceId)?.some((line) => isSameRequest(line, span)));
  const found = [...byLine, ...bySpan].sort((a, b) => b.timeMs - a.timeMs).slice(0, query.limit);
  return { ...inFiles, found };
}

/** A line is written in the SERVER span, or in one within it, and so while that lasts. */
function isSameRequest(line: AnsweredRequest, span: AnsweredRequest): boolean {
  if (line.service !== span.service) return false;
  if (line.spanId !== undefined && line.spanId === span.spanId) return true;
  const [from, to] = [span.timeMs - span.durationMs - 1, span.timeMs + 1];
  return line.timeMs >= from && line.timeMs - line.durationMs <= to;
}
