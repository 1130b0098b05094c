/**
 * Gives the SERVER span of a request the template of its route.
 *
 * @module
 */
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';

/**
 * Names the SERVER span of the active request `METHOD /route/:template`. instrumentation-http
 * reads this when the response ends; without it every span is named after the method alone.
 */
export function setSpanRoute(route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
}
