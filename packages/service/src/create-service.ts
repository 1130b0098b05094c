/**
 * A Hono app with the contract wired in: what every service starts from.
 *
 * @module
 */
import { type FormatName, InternalError, ValidationError } from '@breakwater/errors';
import {
  collectProcessMetrics,
  collectSpanMetrics,
  type Logger,
  registry as processRegistry,
} from '@breakwater/otel';
import {
  ErrorRateMonitor,
  type ErrorRateMonitorOptions,
  exportErrorRates,
  resilience as processResilience,
  type Resilience,
} from '@breakwater/resilience';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { limitBody } from './body-limit.ts';
import { mountBreakers } from './breakers.ts';
import { ErrorCatalogue } from './catalogue.ts';
import { Config } from './config.ts';
import { Degradation, type DegradedModes } from './degradation.ts';
import { DependencyHealth } from './dependency-health.ts';
import { docsPage } from './docs-page.ts';
import {
  errorHandler,
  type InternalErrorClass,
  notFoundHandler,
  throwErrors,
} from './error-handler.ts';
import { ServiceFaults } from './faults/service-faults.ts';
import { mountHealth, Readiness } from './health.ts';
import { logHealth } from './health-log.ts';
import './library-errors.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { observe } from './observe.ts';
import { commonErrors, type OpenApiDocument, withErrors } from './openapi.ts';
import { ProtectionsOff } from './protections-off.ts';
import { RedMetrics } from './red-metrics.ts';
import { requestContext, type ServiceEnv } from './request-context.ts';
import { requestScope } from './request-scope.ts';
import type { DeclaredError } from './route.ts';
import { faultInjection, inFlightLimit, trust } from './service-config.ts';
import { dropInternalHeaders, type Trust } from './trust.ts';

export interface ServiceOptions {
  readonly name: string;
  /** One sentence for `/docs`. */
  readonly description: string;
  readonly logger: Logger;
  readonly version?: string;
  /** The error format of clients that ask for none. Default: `universal`. */
  readonly format?: FormatName;
  /** Errors that every operation can answer beside its own, such as those of the database. */
  readonly errors?: readonly DeclaredError[];
  /** What a bug is answered as. Default: {@link InternalError}. */
  readonly internalError?: InternalErrorClass;
  /** Largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /** The same for single paths, such as one that takes batches. */
  readonly maxBodyBytesAt?: Readonly<Record<string, number>>;
  /**
   * Longest time for one request, in milliseconds; the shorter deadline of a peer wins, see
   * {@link ServiceOptions.trust}. Default: 10 s.
   */
  readonly deadlineMs?: number;
  /** Default: the registry of the process. Tests give each app its own. */
  readonly registry?: Registry;
  /** The dependencies whose transitions the service logs. Default: those of the process. */
  readonly resilience?: Resilience;
  /** Requests in flight beyond which others get 503. Default: `MAX_IN_FLIGHT`, else 200. */
  readonly maxInFlight?: number;
  /**
   * When the service counts as unhealthy (default: above 30 % of the last 100 requests of a minute)
   * and when a dependency does (see {@link DependencyHealth}).
   */
  readonly errorRate?: ErrorRateMonitorOptions;
  /** What the service does while a dependency is unhealthy; see {@link Degradation}. */
  readonly degradedModes?: DegradedModes;
  /**
   * Faults on command inside the service; `false` for a service that has its own. Default: those of
   * `FAULT_INJECTION=on`, else none, and no route to ask for them.
   */
  readonly faults?: ServiceFaults | false;
  /** Wanted by what steers circuits. Default: `CONTROL_TOKEN`; see {@link Config.controlToken}. */
  readonly controlToken?: string;
  /** Whether what internal headers say is believed. Default: `TRUST`, else `edge`: it is not. */
  readonly trust?: Trust;
  /** Decides who is let in, whatever they ask for, by throwing. Its errors belong in `errors`. */
  readonly door?: MiddlewareHandler<ServiceEnv>;
}

/** A service before it listens: routes go on `app`, checks on `readiness`. */
export interface Service {
  readonly name: string;
  readonly app: OpenAPIHono<ServiceEnv>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** The error format of clients that ask for none. */
  readonly format: FormatName;
  readonly metrics: RedMetrics;
  /** The degraded modes, for routes that have a second response. */
  readonly degradation: Degradation;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;
const DEFAULT_DEADLINE_MS = 10_000;
/** A service that hardly anybody asks any more is not unhealthy for long; in milliseconds. */
const ERROR_RATE_AGE_MS = 60_000;

/**
 * Makes the app: ids on every response, one log line and one metric a request, every thrown value
 * answered by the contract, no more requests at once than it can serve, a watch on how many fail,
 * and `/healthz`, `/readyz`, `/metrics`, `/breakers`, `/errors`, `/openapi.json` and `/docs`.
 *
 * @throws {ConfigurationError} when a variable that is a default here is malformed
 * @example
 * const service = createService({ name: 'catalog', description: 'Items and stock.', logger });
 * service.app.openapi(getItem, (c) => c.json(item, 200));
 * await runService(service, { port: 8081, host: '127.0.0.1' });
 */
export function createService(options: ServiceOptions): Service {
  const { name, logger, format = 'universal', version = '0.1.0' } = options;
  const { internalError = InternalError } = options;
  const errors = { format, internal: internalError, everywhere: options.errors };
  const register = options.registry ?? (processRegistry as Registry);
  if (register === processRegistry) {
    collectProcessMetrics();
    collectSpanMetrics();
  }
  const { resilience = processResilience } = options;
  resilience.log = (level, message, fields) => logger.log(level, message, fields);
  const { words: off } = ProtectionsOff.read();
  if (off.length > 0) logger.warn(`protections are taken away: ${off.join(', ')}`);
  const readiness = new Readiness(register);
  const monitor = new ErrorRateMonitor({ maxAgeMs: ERROR_RATE_AGE_MS, ...options.errorRate });
  monitor.onChange((snapshot) => logHealth(logger, { serviceName: name }, snapshot));
  const modes = options.degradedModes ?? {};
  const health = new DependencyHealth({
    resilience,
    window: options.errorRate,
    onChange: (dependency, snapshot) =>
      logHealth(logger, { serviceName: name, dependency, mode: modes[dependency] }, snapshot),
  });
  exportErrorRates(register, () => [[undefined, monitor], ...health.monitors()]);
  const degradation = new Degradation({ serviceName: name, health, modes, register });
  readiness.addDetail('error_rate', () => monitor.snapshot());
  readiness.addDetail('dependencies', () =>
    Object.fromEntries([...health.monitors()].map(([of, each]) => [of, each.snapshot()])),
  );
  readiness.addDetail('degraded', () => degradation.describe());
  const app = new OpenAPIHono<ServiceEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error.issues);
    },
  });

  const document = () =>
    withErrors(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: name, version, description: options.description },
      }) as unknown as OpenApiDocument,
      errors,
    );
  const catalogue = new ErrorCatalogue({ document, common: commonErrors(errors) });

  const metrics = new RedMetrics(register);
  app.onError(errorHandler({ serviceName: name, format, internalError }));
  app.notFound(notFoundHandler(app));
  app.use(dropInternalHeaders(options.trust ?? trust(new Config())));
  app.use(requestContext());
  app.use(observe({ metrics, logger, catalogue, monitor }));
  app.use(throwErrors());
  if (options.door) app.use(options.door);
  app.use(limitInFlight(options.maxInFlight ?? inFlightLimit(new Config()), register));
  app.use(requestScope(options.deadlineMs ?? DEFAULT_DEADLINE_MS));
  app.use(limitBody(options.maxBodyBytes ?? DEFAULT_BODY_BYTES, options.maxBodyBytesAt));
  const controlToken = options.controlToken ?? envControlToken();
  const faults = options.faults ?? (faultInjection(new Config()) && new ServiceFaults());
  if (faults) {
    app.use(faults.strike(logger));
    faults.mount(app, controlToken);
  }

  mountHealth(app, readiness);
  app.get('/metrics', async (c) =>
    c.body(await register.metrics(), 200, { 'content-type': register.contentType }),
  );
  app.get('/errors', (c) => c.json({ service: name, errors: catalogue.list() }));
  app.get('/openapi.json', (c) => c.json(document()));
  app.get('/docs', (c) => c.html(docsPage(document())));
  mountBreakers(app, { serviceName: name, resilience, controlToken });
  return { name, app, readiness, logger, format, metrics, degradation };
}

function envControlToken(): string {
  const config = new Config();
  return config.controlToken(config.host('HOST', '127.0.0.1'));
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
}

function invalid(target: string, issues: readonly SchemaIssue[]): ValidationError {
  const fields = issues.map(({ path, code, message }) => ({
    path: [target === 'json' ? 'body' : target, ...path.map(String)].join('.'),
    rule: code,
    message,
  }));
  return new ValidationError(
    `The request does not match its schema: ${fields.map(({ path }) => path).join(', ')}.`,
    fields,
  );
}
