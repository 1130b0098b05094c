/**
 * Configuration of the console.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { TelemetryOptions } from '@breakwater/console';
import { isLoopback } from '@breakwater/hono';
import { type Config, inFlightLimit, serviceConfig, trust } from '@breakwater/kit';
import { type BackendAddresses, backendAddresses } from '@breakwater/timeline';

/** Backends and where they are found when nothing else is said. */
const BACKENDS = { JAEGER: 16686, LOKI: 3100, PROMETHEUS: 9090, GRAFANA: 3000 } as const;

/**
 * Reads what every service has (`PORT`: 8090), `CONSOLE_SOURCES` (backends, or embedded), `LOG_DIR`,
 * `TARGETS_FILE` (a Prometheus `file_sd` file with the services), `ALLOWED_HOSTS` (names beside
 * those of loopback, with commas between), `EXPERIMENTS_COMMAND` and `EXPERIMENTS_DIR`, where the
 * backends are, and `CONSOLE_TOKEN`, which is made anew at each start on loopback and has no default
 * elsewhere.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(config: Config) {
  const listen = serviceConfig(config, 8090);
  const kind = config.oneOf('CONSOLE_SOURCES', ['backends', 'embedded'] as const, 'backends');
  const backends = readBackends(config);
  const logDirectory = config.text('LOG_DIR', '.stack/logs/services');
  const targetsFile = config.text('TARGETS_FILE', '.stack/targets/services.json');
  const telemetry: TelemetryOptions =
    kind === 'embedded' ? { kind, logDirectory, targetsFile } : { kind, ...backends };
  return {
    ...listen,
    telemetry,
    targetsFile,
    maxInFlight: inFlightLimit(config),
    trust: trust(config),
    allowedHosts: config.list('ALLOWED_HOSTS'),
    controlToken: config.controlToken(),
    token: consoleToken(config, listen.host),
    experiments: {
      command: config.text('EXPERIMENTS_COMMAND', '').split(' ').filter(Boolean),
      directory: config.text('EXPERIMENTS_DIR', 'k6/reports/chaos'),
    },
  };
}

/** What changes want; `made` when it is new, and its owner must be told. */
function consoleToken(config: Config, host: string) {
  const given = config.secret('CONSOLE_TOKEN');
  if (given !== undefined) return { value: given, made: false };
  if (isLoopback(host)) return { value: randomBytes(18).toString('base64url'), made: true };
  const problem = `set CONSOLE_TOKEN: it has no default while bound to ${host}`;
  return config.refuse(problem, { value: '', made: false });
}

/** Where the backends are, each variable checked. */
function readBackends(config: Config): BackendAddresses {
  const found: Record<string, string> = {};
  for (const [name, port] of Object.entries(BACKENDS)) {
    found[`${name}_HOST`] = config.host(`${name}_HOST`, '127.0.0.1');
    found[`${name}_PORT`] = String(config.port(`${name}_PORT`, port));
    if (config.optional(`${name}_URL`)) found[`${name}_URL`] = config.url(`${name}_URL`);
  }
  const namespace = config.optional('SERVICE_NAMESPACE');
  return backendAddresses(
    namespace === undefined ? found : { ...found, SERVICE_NAMESPACE: namespace },
  );
}
