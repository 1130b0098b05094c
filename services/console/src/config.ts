/**
 * Configuration of the console.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { Config, ConfigurationError, isLoopback } from '@breakwater/service';

/** Where the telemetry is read from. */
export type SourceKind = 'embedded' | 'backends';

/**
 * Reads `PORT` (8090), `HOST` (127.0.0.1), `CONSOLE_SOURCES` (backends, or embedded), `LOG_DIR`,
 * `TARGETS_FILE` (a Prometheus `file_sd` file with the services), `ALLOWED_HOSTS` (names beside
 * those of loopback, with commas between), `EXPERIMENTS_COMMAND` and `EXPERIMENTS_DIR`, and
 * `CONSOLE_TOKEN`, which is made anew at each start on loopback and has no default elsewhere.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  const host = config.text('HOST', '127.0.0.1');
  return {
    port: config.port('PORT', 8090),
    host,
    sources: sourceKind(env.CONSOLE_SOURCES),
    logDirectory: env.LOG_DIR || '.stack/logs/services',
    targetsFile: env.TARGETS_FILE || '.stack/targets/services.json',
    allowedHosts: (env.ALLOWED_HOSTS ?? '').split(',').filter((name) => name !== ''),
    controlToken: config.controlToken(host),
    token: consoleToken(env.CONSOLE_TOKEN, host),
    experiments: {
      command: (env.EXPERIMENTS_COMMAND ?? '').split(' ').filter((word) => word !== ''),
      directory: env.EXPERIMENTS_DIR || 'k6/reports/chaos',
    },
  };
}

function sourceKind(value: string | undefined): SourceKind {
  if (value === undefined || value === '') return 'backends';
  if (value === 'embedded' || value === 'backends') return value;
  throw new ConfigurationError(`CONSOLE_SOURCES=${value} is neither embedded nor backends`);
}

/** What changes want; `made` when it is new, and its owner must be told. */
function consoleToken(given: string | undefined, host: string) {
  if (given) return { value: given, made: false };
  if (!isLoopback(host)) {
    throw new ConfigurationError(`set CONSOLE_TOKEN: it has no default while bound to ${host}`);
  }
  return { value: randomBytes(18).toString('base64url'), made: true };
}
