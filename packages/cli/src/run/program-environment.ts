/**
 * The environment a program is run in, so that its telemetry comes to the console.
 *
 * @module
 */
import { RUN_FOLDER } from './hand-over.ts';

export interface Destination {
  /** Where OTLP/HTTP is taken, without a slash at the end. */
  readonly url: string;
  /** Of the run. */
  readonly folder: string;
  readonly serviceName: string;
  /** URL of the module that is loaded before the program. */
  readonly preload: string;
}

/** They would lead spans past the console, or say how to reach another one. */
const ELSEWHERE =
  /^OTEL_(TRACES_EXPORTER|SDK_DISABLED|EXPORTER_OTLP_(TRACES_|LOGS_|METRICS_)?\w+)$/;

/** How long spans wait for others, in milliseconds: somebody is watching. */
const DELAY_MS = '200';

/**
 * The variables of `env`, with the standard ones of OpenTelemetry pointed at the console: an SDK of
 * the program's own sends its spans and log records there as well.
 */
export function programEnvironment(
  env: NodeJS.ProcessEnv,
  { url, folder, serviceName, preload }: Destination,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !ELSEWHERE.test(name));
  return {
    OTEL_BSP_SCHEDULE_DELAY: DELAY_MS,
    ...Object.fromEntries(kept),
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    NODE_OPTIONS: [env.NODE_OPTIONS, `--import=${preload}`].filter(Boolean).join(' '),
    [RUN_FOLDER]: folder,
  };
}
