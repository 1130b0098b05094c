/**
 * What a service answers on its operational listener: how it is, and what steers it.
 *
 * @module
 */
import type { AppError, FormatName } from '@breakwater/errors';
import { createRegistry, type Logger, registry as processRegistry } from '@breakwater/otel';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { ACCESS_ERRORS, accessControl } from './access-control.ts';
import { limitBody } from './body-limit.ts';
import { type BreakerRoutesOptions, mountBreakers } from './breakers.ts';
import type { ErrorCatalogue } from './catalogue.ts';
import { documentOf } from './document.ts';
import {
  errorHandler,
  type InternalErrorClass,
  notFoundHandler,
  throwErrors,
} from './error-handler.ts';
import { mountHealth, type Readiness } from './health.ts';
import { refuseInvalid } from './invalid-request.ts';
import { observeOperations } from './observe.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { RedMetrics } from './red-metrics.ts';
import { requestContext, type ServiceEnv } from './request-context.ts';

/** Largest body that steers something, in bytes. */
const MAX_BODY_BYTES = 128 * 1024;

export interface OperationsOptions extends Omit<BreakerRoutesOptions, 'now'> {
  readonly version: string;
  readonly format: FormatName;
  readonly internalError: InternalErrorClass;
  /** Reads whatever was thrown. */
  readonly toAppError: (thrown: unknown) => AppError;
  readonly register: Registry;
  readonly readiness: Readiness;
  readonly metrics: RedMetrics;
  readonly logger: Logger;
  /** Cuts a request at its deadline. */
  readonly bounded: MiddlewareHandler<ServiceEnv>;
  /** The errors of the service, those of these operations included. */
  readonly catalogue: ErrorCatalogue;
  /** Names beside those of loopback that a request may be made for. */
  readonly allowedHosts: readonly string[];
}

/** The app of the operational listener, and the document of its operations. */
export interface Operations {
  readonly app: OpenAPIHono<ServiceEnv>;
  readonly document: () => OpenApiDocument;
}

/**
 * Makes the app: `/healthz`, `/readyz`, `/metrics`, `/errors`, `/breakers` and what steers them,
 * and `/openapi.json` about those. Its requests take no place from the public ones and count in no
 * error rate; those that fail, and those that change something, have their line and their count.
 */
export function createOperations(options: OperationsOptions): Operations {
  const { serviceName, format, internalError, register, catalogue } = options;
  const app = new OpenAPIHono<ServiceEnv>({ defaultHook: refuseInvalid });
  const { text, document } = documentOf(
    app,
    {
      title: `${serviceName}: operations`,
      version: options.version,
      description: `How ${serviceName} is, and what steers it.`,
    },
    { format, internal: internalError, everywhere: ACCESS_ERRORS, limited: false },
  );

  app.onError(errorHandler(options));
  app.notFound(notFoundHandler(app));
  app.use(requestContext());
  app.use(observeOperations(options));
  app.use(throwErrors());
  app.use(options.bounded);
  app.use(accessControl(options.allowedHosts));
  app.use(limitBody(MAX_BODY_BYTES));

  mountHealth(app, options.readiness);
  app.get('/metrics', async (c) =>
    c.body(await metricsOf(register), 200, { 'content-type': register.contentType }),
  );
  app.get('/errors', (c) => c.json({ service: serviceName, errors: catalogue.list() }));
  app.get('/openapi.json', (c) => c.body(text(), 200, { 'content-type': 'application/json' }));
  mountBreakers(app, options);
  return { app, document };
}

/** The metrics of a registry, and those of the process that it has none of the same name for. */
async function metricsOf(register: Registry): Promise<string> {
  const own = await register.metrics();
  const common = processRegistry as Registry;
  if (register === common || register.contentType !== common.contentType) return own;
  const rest = createRegistry();
  for (const { name } of common.getMetricsAsArray()) {
    const metric = common.getSingleMetric(name);
    if (metric && !register.getSingleMetric(name)) rest.registerMetric(metric);
  }
  return own.replace(/# EOF\n$/, '') + (await rest.metrics());
}
