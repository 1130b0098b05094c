/**
 * The sources the pages read, and where spans are handed in when they are embedded.
 *
 * @module
 */
import {
  backendSources,
  embeddedSources,
  type LiveSources,
  type TraceRing,
} from '@breakwater/timeline';
import type { SourceKind } from './config.ts';
import { RunningPages } from './running-pages.ts';

type Links = Readonly<Record<string, string>>;

/** Telemetry as the pages see it. */
export interface Telemetry {
  readonly sources: LiveSources;
  /** Takes exported spans; undefined where a backend does. */
  readonly traces: Pick<TraceRing, 'add'> | undefined;
  /** Of the links of a story those that lead somewhere. */
  running(links: Links): Promise<Links>;
  close(): void;
}

export interface TelemetryOptions {
  readonly sources: SourceKind;
  readonly logDirectory: string;
  readonly targetsFile: string;
  /** Where the backends are, as variables of {@link backendSources}. */
  readonly backends: NodeJS.ProcessEnv;
}

/** Opens the sources that are configured. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const pages = new RunningPages(options.backends);
  const running = (links: Links) => pages.among(links);
  if (options.sources === 'embedded') return { ...embeddedSources(options), running };
  return {
    sources: backendSources(options.backends),
    traces: undefined,
    running,
    close: () => undefined,
  };
}
