/**
 * Puts the console together from what its owner decides.
 *
 * @module
 */
import type { Service, ServiceOptions } from '@breakwater/hono';
import { createLogger, type Logger } from '@breakwater/telemetry';
import { createApp, type Passed } from './app.ts';
import { Experiments, type ExperimentsOptions } from './experiments/experiments.ts';
import { Processes } from './processes.ts';
import { openTelemetry, type TelemetryOptions } from './telemetry.ts';

/** What a console is made of. */
export interface ConsoleOptions extends Pick<ServiceOptions, Exclude<Passed, 'logger'>> {
  /** Where the console's own lines go. Default: standard output, one JSON object a line. */
  readonly logger?: Logger;
  /** Where traces, lines and metrics are read from; embedded ones are handed in here as well. */
  readonly telemetry: TelemetryOptions;
  /** A Prometheus `file_sd` file with the processes to show; read again when it changes. */
  readonly targetsFile: string;
  /** Wanted by every change, in the header `X-Console-Token`. */
  readonly token: string;
  /** Wanted by the console's own circuits, and sent to those it steers. Default: none, steering is refused. */
  readonly controlToken?: string;
  /** Host names beside those of loopback under which it responds, without port. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** The command that runs experiments, and the folder of their reports. Default: none can run. */
  readonly experiments?: ExperimentsOptions;
}

/** A console that does not listen yet. */
export interface Console {
  /** `app` has the pages and the intake, `operations` health and metrics of the console itself. */
  readonly service: Service;
  /** Ends the streams of open pages, which have no end of their own. */
  endStreams(): void;
  /** Stops a running experiment, which undoes its faults first, and the reading of telemetry. */
  close(): Promise<void>;
}

/**
 * Makes a console. Embedded telemetry is read from this moment on, until it is closed.
 *
 * @example
 * const { service } = createConsole({
 *   telemetry: { kind: 'embedded', logDirectory: 'logs', targetsFile: 'targets.json' },
 *   targetsFile: 'targets.json',
 *   token: randomBytes(18).toString('base64url'),
 * });
 * serve({ fetch: service.app.fetch, port: 8090, hostname: '127.0.0.1' });
 */
export function createConsole(options: ConsoleOptions): Console {
  const { experiments: run = NO_EXPERIMENTS, targetsFile, controlToken, ...rest } = options;
  const logger = options.logger ?? createLogger({ identity: { serviceName: 'console' } });
  const telemetry = openTelemetry(options.telemetry);
  const experiments = new Experiments(run);
  const control = controlToken === undefined ? {} : { controlToken };
  const { service, live } = createApp({
    ...rest,
    ...control,
    logger,
    telemetry,
    experiments,
    processes: new Processes({
      targetsFile,
      ...control,
      breakers: (range, stepMs) => telemetry.sources.breakers(range, stepMs),
    }),
  });
  return {
    service,
    endStreams: () => live.close(),
    close: async () => {
      await experiments.close();
      telemetry.close();
    },
  };
}

const NO_EXPERIMENTS: ExperimentsOptions = { command: [], directory: '' };
