/**
 * Gives the SERVER span of a request the template of its route.
 *
 * @module
 */
import { context, createContextKey } from '@opentelemetry/api';

/** Where instrumentations keep what they know of a request: the key of `@opentelemetry/core`. */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/**
 * Name the SERVER span of the active request `METHOD /route/:template`. instrumentation-http
 * reads this when the response ends; without it every span is named after the method alone.
 * Do nothing where no instrumentation made a span.
 *
 * @example
 * setSpanRoute('/todos/:id');
 */
export function setSpanRoute(route: string): void {
  const metadata = context.active().getValue(RPC_METADATA) as
    | { type?: unknown; route?: string }
    | undefined;
  if (metadata?.type === 'http') metadata.route = route;
}
