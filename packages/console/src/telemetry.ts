/**
 * The sources the pages read, and where telemetry is handed in when they are embedded.
 *
 * @module
 */
import {
  type BackendAddresses,
  backendSources,
  type EmbeddedOptions,
  embeddedSources,
  type LineRing,
  type LiveSources,
  type TraceRing,
} from '@breakwater/timeline';
import { RunningPages } from './running-pages.ts';

type Links = Readonly<Record<string, string>>;

/** Telemetry as the pages see it. */
export interface Telemetry {
  readonly sources: LiveSources;
  /** Takes exported spans; undefined where a backend does. */
  readonly traces: Pick<TraceRing, 'add'> | undefined;
  /** Takes exported log records; undefined where a backend does. */
  readonly lines: Pick<LineRing, 'add'> | undefined;
  /** Of the links of a trace those that lead somewhere. */
  running(links: Links): Promise<Links>;
  close(): void;
}

/** Where telemetry is: kept by the console itself, or in backends. */
export type TelemetryOptions =
  | ({ readonly kind: 'embedded' } & EmbeddedOptions)
  | ({ readonly kind: 'backends' } & BackendAddresses);

/** Opens the sources. Embedded ones scrape and follow files until they are closed. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  if (options.kind === 'embedded') {
    return { ...embeddedSources(options), running: async (links) => links };
  }
  const pages = new RunningPages({ Jaeger: options.jaeger, Grafana: options.grafana });
  return {
    sources: backendSources(options),
    traces: undefined,
    lines: undefined,
    running: (links) => pages.among(links),
    close: () => undefined,
  };
}
