/**
 * A service of the shop: what the environment says of it, and faults on command.
 *
 * @module
 */
import {
  createService as createHonoService,
  type Service as HonoService,
  type ServiceOptions as HonoServiceOptions,
} from '@breakwater/hono';
import { Config } from './config.ts';
import { ServiceFaults } from './faults/service-faults.ts';
import { ProtectionsOff } from './protections-off.ts';
import { faultInjection, inFlightLimit, trust } from './service-config.ts';

/** Options that the environment stands in for where they are left out: see `serviceConfig`. */
export interface ServiceOptions extends HonoServiceOptions {
  /**
   * Faults on command inside the service; `false` for a service that has its own. Default: those of
   * `FAULT_INJECTION=on`, else none, and no route to ask for them.
   */
  readonly faults?: ServiceFaults | false;
}

/** A service, and its faults: a stop ends them, or it would wait for requests that they hold. */
export interface Service extends HonoService {
  readonly faults: ServiceFaults | undefined;
}

/**
 * Makes a service by `CONTROL_TOKEN`, `ALLOWED_HOSTS`, `MAX_IN_FLIGHT`, `TRUST`, `FAULT_INJECTION`
 * and `PROTECTIONS_OFF`.
 *
 * @throws {ConfigurationError} when one of them is malformed
 */
export function createService(options: ServiceOptions): Service {
  const config = new Config();
  const off = ProtectionsOff.read(config);
  if (off.words.length > 0) {
    options.logger.warn(`protections are taken away: ${off.words.join(', ')}`);
  }
  const controlToken = options.controlToken ?? config.controlToken();
  const faults = options.faults ?? (faultInjection(config) && new ServiceFaults());
  const service = createHonoService({
    maxInFlight: inFlightLimit(config),
    trust: trust(config),
    allowedHosts: config.list('ALLOWED_HOSTS'),
    degradationOff: off.has(options.name, 'mode'),
    ...options,
    controlToken,
  });
  if (faults) {
    service.app.use(faults.strike(service.logger));
    faults.mount(service.operations, service.app, controlToken);
  }
  return { ...service, faults: faults || undefined };
}
