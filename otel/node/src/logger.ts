/**
 * The logger that the environment asks for.
 *
 * @module
 */
import {
  createLogger as createLoggerOf,
  type Logger,
  type LoggerOptions,
  parseLogLevel,
  registry,
} from '@breakwater/telemetry';
import type { Registry } from 'prom-client';
import { environment } from './environment.ts';
import { readIdentity } from './identity.ts';

/**
 * Make a logger whose options are read from the environment where they are not given: `identity`
 * as {@link readIdentity} tells it, `directory` from `LOG_DIR`, `level` from `LOG_LEVEL`, and the
 * registry of the process.
 *
 * @throws {TelemetrySettingsError} when there is no such level.
 * @throws when the directory cannot be written to.
 */
export function createLogger(options: Partial<LoggerOptions> = {}): Logger {
  const { LOG_DIR, LOG_LEVEL } = environment();
  return createLoggerOf({
    identity: readIdentity(),
    directory: LOG_DIR,
    registry: registry as Registry,
    ...options,
    level: options.level ?? parseLogLevel(LOG_LEVEL),
  });
}
