/**
 * Each part of {@link breakwater} alone, as an ordinary middleware of Hono.
 *
 * @module
 */
import { type ErrorMapping, type FormatName, InternalError, toAppError } from '@breakwater/errors';
import {
  createLogger,
  type Logger,
  type MetricsRegistry,
  registry as processRegistry,
  setSpanRoute,
} from '@breakwater/telemetry';
import { context } from '@opentelemetry/api';
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { errorHandler } from './error-handler.ts';
import { fromStatus, honoErrors } from './hono-errors.ts';
import { routeTemplate } from './matched-route.ts';
import { observe, observing } from './observe.ts';
import { Received } from './received.ts';
import { RedMetrics } from './red-metrics.ts';
import { recordOf } from './request-record.ts';
import { requestScope } from './request-scope.ts';
import { endServerSpan, startServerSpan } from './server-span.ts';

const readError = (thrown: unknown) => toAppError(thrown, [honoErrors]);
const told = { toAppError: readError, fromResponse: fromStatus };

/**
 * Make a SERVER span of each request, named by its route, or name the one that an instrumentation
 * has made. Without an OpenTelemetry SDK do nothing.
 *
 * @example
 * app.use(serverSpan());
 */
export function serverSpan(): MiddlewareHandler {
  return async (c, next) => {
    const server = startServerSpan(new Received(c.req.raw, c.env));
    if (!server) {
      await next();
      setSpanRoute(routeTemplate(c));
      return;
    }
    try {
      await context.with(server.context, next);
    } finally {
      const { method } = c.req;
      endServerSpan(server.span, { method, route: routeTemplate(c), status: c.res.status });
    }
  };
}

/**
 * Write one line a request: at `info`, or at the level of the error it failed with.
 *
 * @example
 * app.use(requestLog({ name: 'todo' }));
 */
export function requestLog(
  options: { readonly logger: Logger } | { readonly name: string },
): MiddlewareHandler {
  const logger =
    'logger' in options
      ? options.logger
      : createLogger({ identity: { serviceName: options.name } });
  return observing(observe({ ...told, logger }));
}

/**
 * Count requests and failures, and measure how long they take, with exemplars.
 *
 * @param options `registry` is where the metrics go. Default: that of the process
 * @throws when the registry has them already, of another app
 * @example
 * app.use(requestMetrics());
 */
export function requestMetrics(
  options: { readonly registry?: Registry | MetricsRegistry } = {},
): MiddlewareHandler {
  const registry = (options.registry ?? processRegistry) as Registry;
  return observing(observe({ ...told, metrics: new RedMetrics(registry) }));
}

/** Who responds, and how errors read; see the options of {@link breakwater} of the same names. */
export interface ContractOptions {
  readonly name: string;
  /** Default: `universal`. */
  readonly format?: FormatName;
  /** Default: none but those of Hono. */
  readonly errorMappings?: readonly ErrorMapping[];
}

/**
 * Respond to every thrown value by the error contract.
 *
 * @example
 * app.onError(contractErrors({ name: 'todo' }));
 */
export function contractErrors(options: ContractOptions): ErrorHandler {
  const { name: serviceName, format = 'universal', errorMappings = [] } = options;
  const read = (thrown: unknown) => toAppError(thrown, [...errorMappings, honoErrors]);
  return errorHandler({ serviceName, format, internalError: InternalError, toAppError: read });
}

/**
 * Cut each request at its deadline: 504 by the contract, whatever the app does with other errors,
 * and the signal of the request aborts.
 *
 * @param options `ms` is the longest time until a response is ready, in milliseconds
 * @example
 * app.use(deadline({ name: 'todo', ms: 10_000 }));
 */
export function deadline(options: ContractOptions & { readonly ms: number }): MiddlewareHandler {
  const cut = requestScope({ deadlineMs: options.ms, toAppError: readError });
  const respond = contractErrors(options);
  return async (c, next) => {
    try {
      await cut(c, next);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !isCut(c, thrown)) throw thrown;
      await respond(thrown, c);
    }
  };
}

function isCut(c: Context, thrown: unknown): boolean {
  return recordOf(c)?.bounds?.isDue(thrown) ?? false;
}
