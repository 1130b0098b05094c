/**
 * The life of a service of the shop, by what the environment says of it.
 *
 * @module
 */
import {
  type Service as HonoService,
  type RunningService,
  type RunOptions,
  runService as runHonoService,
} from '@breakwater/hono';
import { collectSpanMetrics, telemetry } from '@breakwater/otel';
import { Config } from './config.ts';
import type { Service } from './create-service.ts';
import { drainTime, operationsAddress } from './service-config.ts';

/**
 * Listens, and stops without losing anything. The drain time is `DRAIN_MS` (0, at most a minute),
 * operations are at `OPERATIONS_HOST` and `OPERATIONS_PORT`, each where it is not given.
 *
 * @throws when a port cannot be bound; the message names the port and what to do.
 */
export function runService(
  service: HonoService & Partial<Pick<Service, 'faults'>>,
  options: RunOptions,
): Promise<RunningService> {
  const config = new Config();
  collectSpanMetrics();
  return runHonoService(service, {
    flush: () => telemetry()?.shutdown(),
    drainMs: drainTime(config),
    operations: operationsAddress(config, options.port),
    ...options,
    onStop() {
      options.onStop?.();
      service.faults?.clear();
    },
  });
}
