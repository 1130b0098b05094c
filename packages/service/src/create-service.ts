/**
 * A Hono app with the contract wired in: what every service starts from.
 *
 * @module
 */
import {
  type AppError,
  type ErrorMapping,
  type FormatName,
  InternalError,
  toAppError as read,
} from '@breakwater/errors';
import {
  createRegistry,
  type Logger,
  type MetricsRegistry,
  registry as processRegistry,
} from '@breakwater/otel';
import {
  type Clock,
  ErrorRateMonitor,
  type ErrorRateMonitorOptions,
  Resilience,
} from '@breakwater/resilience';
import {
  exportErrorRates,
  PrometheusMetrics,
  prometheusMetrics,
} from '@breakwater/resilience/prometheus';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { ACCESS_ERRORS } from './access-control.ts';
import { limitBody } from './body-limit.ts';
import { ErrorCatalogue } from './catalogue.ts';
import { Config } from './config.ts';
import { Degradation, type DegradedModes } from './degradation.ts';
import { DependencyHealth } from './dependency-health.ts';
import { docsPage } from './docs-page.ts';
import { documentOf, once } from './document.ts';
import {
  errorHandler,
  type InternalErrorClass,
  notFoundHandler,
  throwErrors,
} from './error-handler.ts';
import { ServiceFaults } from './faults/service-faults.ts';
import { mountLiveness, Readiness } from './health.ts';
import { logHealth } from './health-log.ts';
import { refuseInvalid } from './invalid-request.ts';
import { honoErrors } from './library-errors.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { observe } from './observe.ts';
import { commonErrors } from './openapi.ts';
import { createOperations } from './operations.ts';
import { ProtectionsOff } from './protections-off.ts';
import { RedMetrics } from './red-metrics.ts';
import { requestContext, type ServiceEnv } from './request-context.ts';
import { cutHere, requestScope } from './request-scope.ts';
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
  /**
   * How errors of libraries read in the contract, the first that knows one decides; those of Hono are
   * known. Default: none, and each is a bug.
   */
  readonly errorMappings?: readonly ErrorMapping[];
  /** What a bug is answered as. Default: {@link InternalError}. */
  readonly internalError?: InternalErrorClass;
  /** Largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /** The same for single paths, such as one that takes batches. */
  readonly maxBodyBytesAt?: Readonly<Record<string, number>>;
  /**
   * Longest time until a response is ready, in milliseconds, reading the body included; the shorter
   * deadline of a peer wins, see {@link ServiceOptions.trust}. A response that is a stream may last
   * longer. Default: 10 s.
   */
  readonly deadlineMs?: number;
  /** What deadlines go by. Default: the clock of the process. */
  readonly clock?: Clock;
  /** Where its metrics go. Default: where those of `resilience` go, else a registry of its own. */
  readonly registry?: Registry;
  /** The dependencies of the service: it logs and steers their circuits. Default: none as yet. */
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
  /**
   * Names beside those of loopback under which the operational listener answers, without port.
   * Default: `ALLOWED_HOSTS`, with commas between.
   */
  readonly allowedHosts?: readonly string[];
  /** Decides who is let in at the public listener, whatever they ask for, by throwing. Its errors belong in `errors`. */
  readonly door?: MiddlewareHandler<ServiceEnv>;
}

/** A service before it listens: routes go on `app`, checks on `readiness`. */
export interface Service {
  readonly name: string;
  /** What the public listener answers with. */
  readonly app: OpenAPIHono<ServiceEnv>;
  /** What the operational listener answers with: how the service is, and what steers it. */
  readonly operations: OpenAPIHono<ServiceEnv>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** The error format of clients that ask for none. */
  readonly format: FormatName;
  readonly metrics: RedMetrics;
  /** What `/metrics` shows, beside what belongs to the process. */
  readonly registry: Registry;
  /** The dependencies of the service. */
  readonly resilience: Resilience;
  /** Faults on command; a stop ends them, or it would wait for requests that they hold. */
  readonly faults: ServiceFaults | undefined;
  /** The error of the contract for whatever was thrown in this service. Never throws. */
  readonly toAppError: (thrown: unknown) => AppError;
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
 * and `/healthz`, `/openapi.json` and `/docs`. Everything about the service's own state, and what
 * steers it, is on a second app, `operations`, for a listener that the public does not reach.
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
  const mappings = [...(options.errorMappings ?? []), honoErrors];
  const toAppError = (thrown: unknown) => read(thrown, mappings);
  const errors = { format, internal: internalError, everywhere: options.errors };
  const { resilience = new Resilience() } = options;
  const register = (options.registry ?? registryOf(options.resilience)) as Registry;
  if (resilience.metrics === undefined) resilience.metrics = prometheusMetrics(register);
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
  const app = new OpenAPIHono<ServiceEnv>({ defaultHook: refuseInvalid });
  const info = { title: name, version, description: options.description };
  const { document, text } = documentOf(app, info, errors);

  const metrics = new RedMetrics(register);
  const controlToken = options.controlToken ?? new Config().controlToken();
  const catalogue = new ErrorCatalogue({
    documents: () => [document(), operations.document()],
    common: [...commonErrors(errors), ...ACCESS_ERRORS.map(({ kind }) => kind)],
  });
  const { deadlineMs = DEFAULT_DEADLINE_MS, clock } = options;
  const bounded = requestScope({ deadlineMs, clock, register, logger, toAppError });
  const operations = createOperations({
    ...{ serviceName: name, version, format, internalError, register, readiness, resilience },
    ...{ controlToken, metrics, logger, catalogue, bounded, toAppError },
    allowedHosts: options.allowedHosts ?? new Config().list('ALLOWED_HOSTS'),
  });

  app.onError(errorHandler({ serviceName: name, format, internalError, toAppError }));
  app.notFound(notFoundHandler(app));
  app.use(dropInternalHeaders(options.trust ?? trust(new Config())));
  app.use(requestContext());
  app.use(observe({ metrics, logger, catalogue, monitor, toAppError }));
  app.use(throwErrors());
  app.use(bounded);
  if (options.door) app.use(options.door, cutHere());
  app.use(limitInFlight(options.maxInFlight ?? inFlightLimit(new Config()), register));
  app.use(limitBody(options.maxBodyBytes ?? DEFAULT_BODY_BYTES, options.maxBodyBytesAt));
  const faults = options.faults ?? (faultInjection(new Config()) && new ServiceFaults());
  if (faults) {
    app.use(faults.strike(logger));
    faults.mount(operations.app, app, controlToken);
  }

  mountLiveness(app);
  const page = once(() => docsPage(document(), commonErrors(errors)));
  app.get('/openapi.json', (c) => c.body(text(), 200, { 'content-type': 'application/json' }));
  app.get('/docs', (c) => c.html(page()));
  const made = { name, app, operations: operations.app, readiness, logger, format, metrics };
  const shared = { registry: register, resilience, toAppError };
  return { ...made, ...shared, faults: faults || undefined, degradation };
}

/** Where the circuits that are given count; those that count nowhere yet, in that of the process. */
function registryOf(given: Resilience | undefined): MetricsRegistry {
  if (!given || given.metrics === false) return createRegistry();
  return given.metrics instanceof PrometheusMetrics ? given.metrics.registry : processRegistry;
}
