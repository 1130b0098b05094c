/**
 * The variables that every service has.
 *
 * @module
 */
import type { Address, Trust } from '@breakwater/hono';
import type { Config } from './config.ts';
import { ProtectionsOff } from './protections-off.ts';

/** Nobody looks at readiness less often. */
const MAX_DRAIN_MS = 60_000;

/**
 * Reads `PORT` and `HOST` (127.0.0.1), and checks what {@link createService} takes from the
 * environment, so that a start names every mistake before it opens anything: `OPERATIONS_HOST`
 * (127.0.0.1), `OPERATIONS_PORT` (10000 above `PORT`), `ALLOWED_HOSTS` (none), `DRAIN_MS` (0),
 * `CONTROL_TOKEN`, `MAX_IN_FLIGHT` (200), `TRUST` (edge), `FAULT_INJECTION` (off) and
 * `PROTECTIONS_OFF` (none).
 *
 * @returns where the public listener is
 * @throws {ConfigurationError}
 */
export function serviceConfig(config: Config, defaultPort: number): Address {
  const host = config.host('HOST', '127.0.0.1');
  const port = config.port('PORT', defaultPort);
  operationsAddress(config, port);
  config.list('ALLOWED_HOSTS');
  drainTime(config);
  config.controlToken();
  inFlightLimit(config);
  trust(config);
  faultInjection(config);
  ProtectionsOff.read(config);
  return { port, host };
}

/** Where the operational listener is: `OPERATIONS_HOST` and `OPERATIONS_PORT`. */
export function operationsAddress(config: Config, port: number): Address {
  return { host: config.operationsHost(), port: config.operationsPort(port) };
}

/** `DRAIN_MS`: how long a service that stops still takes requests, in milliseconds. Default: 0. */
export function drainTime(config: Config): number {
  return config.integer('DRAIN_MS', 0, 0, MAX_DRAIN_MS);
}

/** `MAX_IN_FLIGHT`: requests in flight beyond which others get 503. Default: 200. */
export function inFlightLimit(config: Config): number {
  return config.integer('MAX_IN_FLIGHT', 200, 1);
}

/** `TRUST`: whom the service believes. Default: edge, so that who was not told believes nobody. */
export function trust(config: Config): Trust {
  return config.oneOf('TRUST', ['edge', 'internal'], 'edge');
}

/** `FAULT_INJECTION`: whether faults can be asked for. Default: off. */
export function faultInjection(config: Config): boolean {
  return config.switch('FAULT_INJECTION', 'off');
}
