/**
 * Telemetry without backends: spans in memory, lines in their files, metrics from the services.
 *
 * @module
 */
import type { LiveSources } from '../sources.ts';
import { AnswerIndex } from './answer-index.ts';
import { logFiles } from './log-files.ts';
import { Scraper, type ScraperOptions } from './scraper.ts';
import { TraceRing, type TraceRingOptions } from './trace-ring.ts';

/** Where the telemetry of this machine is, and how much of it is kept. */
export interface EmbeddedOptions extends ScraperOptions, TraceRingOptions {
  /** Folder of the services' log files (`LOG_DIR`). */
  readonly logDirectory: string;
}

/** The sources, and where spans are handed in. */
export interface EmbeddedTelemetry {
  readonly sources: LiveSources;
  /** Takes what an OTLP exporter sent; see {@link TraceRing.add}. */
  readonly traces: TraceRing;
  /** Ends the scraping. */
  close(): void;
}

/** How often the log files are looked at, so that no single look has much to read. */
const LOOK_EVERY_MS = 1_000;

/**
 * Starts to scrape the services and to follow their log files. Nothing here is asked for by a
 * service but the taking of spans, so that none is slowed when this is down.
 */
export function embeddedSources(options: EmbeddedOptions): EmbeddedTelemetry {
  const traces = new TraceRing(options);
  const answers = new AnswerIndex(options.logDirectory);
  const metrics = new Scraper(options);
  metrics.start();
  const looking = setInterval(() => void answers.look().catch(() => undefined), LOOK_EVERY_MS);
  looking.unref();
  return {
    traces,
    sources: {
      kind: 'embedded',
      traces,
      logs: logFiles(options.logDirectory),
      metrics,
      links: () => ({}),
      answers: (query) => answers.answers(query),
      traffic: async (range, stepMs) => metrics.traffic(range, stepMs),
      breakers: async (range, stepMs) => metrics.breakers(range, stepMs),
      bounds: async () => [...traces.bounds(), ...answers.bounds(), ...metrics.bounds()],
    },
    close() {
      clearInterval(looking);
      metrics.close();
    },
  };
}
