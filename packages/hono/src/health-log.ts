/**
 * The lines about the health of a service and of what it depends on.
 *
 * @module
 */

import type { ErrorRateSnapshot } from '@breakwater/resilience';
import type { Logger } from '@breakwater/telemetry';

/** Who has changed: the service itself, or a dependency as the service sees it. */
export interface Changed {
  readonly serviceName: string;
  readonly dependency?: string;
  /** What the service does meanwhile, in one sentence. */
  readonly mode?: string | undefined;
}

/** Writes one line for a change between healthy and unhealthy. */
export function logHealth(
  logger: Logger,
  { serviceName, dependency, mode }: Changed,
  { is_unhealthy, total_requests, errors, error_rate }: ErrorRateSnapshot,
): void {
  const who = dependency === undefined ? serviceName : `${dependency}, as ${serviceName} sees it,`;
  const fields = {
    'event.name': 'health_changed',
    ...(dependency === undefined ? {} : { dependency }),
    ...{ total_requests, errors, error_rate },
  };
  if (!is_unhealthy) {
    logger.info(`${who} is healthy again`, fields);
    return;
  }
  const what = dependency === undefined ? 'responses' : 'calls';
  const share = `${errors} of the last ${total_requests} ${what} failed`;
  logger.warn(`${who} is unhealthy: ${share}${mode === undefined ? '' : `; ${mode}`}`, fields);
}
