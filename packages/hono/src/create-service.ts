/**
 * An adopted app whose operations are declared: schemas, errors, a document and its page.
 *
 * @module
 */

import { InternalError } from '@breakwater/errors';
import { Resilience } from '@breakwater/resilience';
import { PrometheusMetrics } from '@breakwater/resilience/prometheus';
import {
  createRegistry,
  type Logger,
  type MetricsRegistry,
  registry as processRegistry,
} from '@breakwater/telemetry';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Registry } from 'prom-client';
import { adoptApp, type Breakwater, type BreakwaterOptions } from './breakwater.ts';
import { docsPage } from './docs-page.ts';
import { documentOf, once } from './document.ts';
import { refuseInvalid } from './invalid-request.ts';
import { commonErrors } from './openapi.ts';
import type { ServiceEnv } from './request-record.ts';
import type { DeclaredError } from './route.ts';

export interface ServiceOptions extends BreakwaterOptions {
  /** One sentence for `/docs`. */
  readonly description: string;
  readonly logger: Logger;
  readonly version?: string;
  /** Errors that every operation can respond with beside its own, such as those of the database. */
  readonly errors?: readonly DeclaredError[];
  /** Where metrics go. Default: where those of `resilience` go, else a registry of its own. */
  readonly registry?: Registry | MetricsRegistry;
  /** The dependencies of the service. Default: none as yet, and none of another service. */
  readonly resilience?: Resilience;
}

/** A service before it listens: routes go on `app`, checks on `readiness`. */
export type Service = Breakwater<OpenAPIHono<ServiceEnv>>;

/**
 * Makes an app that {@link breakwater} has adopted, with operations that declare their schemas and
 * errors by {@link route}: `/openapi.json` and `/docs` tell them, what does not match its schema is
 * refused, and an error that an operation does not declare is said to be undeclared in its line.
 *
 * @example
 * const service = createService({ name: 'parts', description: 'Parts and stock.', logger });
 * service.app.openapi(getPart, (c) => c.json(part, 200));
 * await runService(service, { port: 8081, host: '127.0.0.1' });
 */
export function createService(options: ServiceOptions): Service {
  const { name, description, version = '0.1.0', format = 'universal' } = options;
  const { internalError = InternalError, errors: everywhere } = options;
  const { resilience = new Resilience() } = options;
  const registry = (options.registry ?? registryOf(options.resilience)) as Registry;
  const app = new OpenAPIHono<ServiceEnv>({ defaultHook: refuseInvalid });
  const errors = { format, internal: internalError, everywhere };
  const { document, text } = documentOf(app, { title: name, version, description }, errors);
  const service = adoptApp(
    app,
    { ...options, registry, resilience },
    { document, version, ...(everywhere ? { errors: everywhere } : {}) },
  );
  const page = once(() => docsPage(document(), commonErrors(errors)));
  app.get('/openapi.json', (c) => c.body(text(), 200, { 'content-type': 'application/json' }));
  app.get('/docs', (c) => c.html(page()));
  return service;
}

/** Where the circuits that are given count; those that count nowhere yet, in that of the process. */
function registryOf(given: Resilience | undefined): MetricsRegistry {
  if (!given || given.metrics === false) return createRegistry();
  return given.metrics instanceof PrometheusMetrics ? given.metrics.registry : processRegistry;
}
