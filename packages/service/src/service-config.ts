/**
 * The variables that every service has.
 *
 * @module
 */
import type { Config } from './config.ts';
import { ProtectionsOff } from './protections-off.ts';
import type { Trust } from './trust.ts';

/**
 * Reads `PORT` and `HOST` (127.0.0.1), and checks what {@link createService} takes from the
 * environment, so that a start names every mistake before it opens anything: `CONTROL_TOKEN`,
 * `MAX_IN_FLIGHT` (200), `TRUST` (edge), `FAULT_INJECTION` (off) and `PROTECTIONS_OFF` (none).
 *
 * @returns where to listen
 * @throws {ConfigurationError}
 */
export function serviceConfig(config: Config, defaultPort: number): { port: number; host: string } {
  const host = config.host('HOST', '127.0.0.1');
  const port = config.port('PORT', defaultPort);
  config.controlToken(host);
  inFlightLimit(config);
  trust(config);
  faultInjection(config);
  ProtectionsOff.read(config);
  return { port, host };
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
