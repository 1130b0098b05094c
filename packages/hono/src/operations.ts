/**
 * What a service answers on its operational listener: how it is, and what steers it.
 *
 * @module
 */
import { createRegistry, registry as processRegistry } from '@breakwater/telemetry';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { Metric, Registry } from 'prom-client';
import { ACCESS_ERRORS, accessCheck } from './access-control.ts';
import { adopt } from './adopt.ts';
import { bodyGuard } from './body-limit.ts';
import { type BreakerRoutesOptions, mountBreakers } from './breakers.ts';
import type { ErrorCatalogue } from './catalogue.ts';
import { documentOf } from './document.ts';
import type { ErrorHandlerOptions } from './error-handler.ts';
import { mountHealth, type Readiness } from './health.ts';
import { refuseInvalid } from './invalid-request.ts';
import { type Observers, observeOperations } from './observe.ts';
import type { OpenApiDocument } from './openapi.ts';
import { isQuiet } from './operational-paths.ts';
import type { ServiceEnv } from './request-record.ts';
import type { RequestScopes } from './request-scope.ts';

/** Largest body that steers something, in bytes. */
const MAX_BODY_BYTES = 128 * 1024;

/** What is asked every few seconds, beside health. */
const POLLED = new Set(['/metrics', '/readyz']);

export interface OperationsOptions extends Omit<BreakerRoutesOptions, 'now'>, ErrorHandlerOptions {
  readonly version: string;
  readonly register: Registry;
  readonly readiness: Readiness;
  /** What a request that fails, or that changes something, is told to. */
  readonly observers: Observers;
  /** What cuts a request at its deadline; undefined: nothing does. */
  readonly scopes: RequestScopes | undefined;
  /** The errors of the service, those of these operations included. */
  readonly catalogue: ErrorCatalogue;
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

  adopt(app, {
    trust: 'internal',
    ...{ spans: true, ids: true, contract: true, errors: options },
    isTraced: (path) => !isQuiet(path) && !POLLED.has(path),
    observer: observeOperations(options.observers),
    scopes: options.scopes,
    admissions: [accessCheck(options.allowedHosts), bodyGuard(MAX_BODY_BYTES)],
  });

  mountHealth(app as unknown as Hono, options.readiness);
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
  const known = new Set(register.getMetricsAsArray().map(family));
  const rest = createRegistry();
  for (const metric of common.getMetricsAsArray()) {
    // What the registry holds are the metrics themselves; its types speak of their options alone.
    if (!known.has(family(metric))) rest.registerMetric(metric as unknown as Metric);
  }
  // Of an empty registry comes an empty line, for which Prometheus refuses the whole response.
  if (rest.getMetricsAsArray().length === 0) return own;
  return own.replace(/# EOF\n$/, '') + (await rest.metrics());
}

/** A counter's name without `_total`, which prom-client takes from it when it is first rendered. */
function family({ name }: { readonly name: string }): string {
  return name.replace(/_total$/, '');
}
