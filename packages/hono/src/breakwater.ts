/**
 * Adopts a Hono app: ids, span, metrics, one line a request, the error contract and bounds.
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
  type Clock,
  ErrorRateMonitor,
  type ErrorRateMonitorOptions,
  resilience as processResilience,
  type Resilience,
} from '@breakwater/resilience';
import { exportErrorRates, prometheusMetrics } from '@breakwater/resilience/prometheus';
import {
  collectProcessMetrics,
  createLogger,
  type Logger,
  type MetricsRegistry,
  registry as processRegistry,
} from '@breakwater/telemetry';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Env, Hono, MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { ACCESS_ERRORS } from './access-control.ts';
import { adopt, refuseLate } from './adopt.ts';
import { bodyGuard } from './body-limit.ts';
import { ErrorCatalogue } from './catalogue.ts';
import { Degradation, type DegradedModes } from './degradation.ts';
import { DependencyHealth } from './dependency-health.ts';
import type { InternalErrorClass } from './error-handler.ts';
import { mountLiveness, Readiness } from './health.ts';
import { logHealth } from './health-log.ts';
import { fromStatus, honoErrors } from './hono-errors.ts';
import { placesFor } from './limit-in-flight.ts';
import { DEVELOPMENT_TOKEN } from './loopback.ts';
import { METRICS } from './names.ts';
import { observe } from './observe.ts';
import { commonErrors, type OpenApiDocument } from './openapi.ts';
import { isQuiet } from './operational-paths.ts';
import { createOperations } from './operations.ts';
import { RedMetrics } from './red-metrics.ts';
import type { Admission } from './request-path.ts';
import type { RequestRecord, ServiceEnv } from './request-record.ts';
import { RequestScopes } from './request-scope.ts';
import type { DeclaredError } from './route.ts';
import type { Trust } from './trust.ts';

/** Options of {@link breakwater}: nothing but the name is needed. */
export interface BreakwaterOptions {
  /** The service's name, in every line, metric, span and error body. */
  readonly name: string;
  /** Where lines go; `false`: no line a request. Default: winston, one JSON object a line on stdout. */
  readonly logger?: Logger | false;
  /** The error format of clients that ask for none. Default: `universal`. */
  readonly format?: FormatName;
  /**
   * Whether errors are responded to by the contract. `false` leaves that to Hono and the app; they
   * are told and joined all the same. Default: true, and an `onError` of the app's own still wins.
   */
  readonly contract?: boolean;
  /**
   * How errors of libraries read in the contract, the first that knows one decides; those of Hono
   * are known. Default: none, and each is a bug.
   */
  readonly errorMappings?: readonly ErrorMapping[];
  /** What a bug is responded to as. Default: {@link InternalError}. */
  readonly internalError?: InternalErrorClass;
  /** Whether the ids are put on every response. Default: true. */
  readonly ids?: boolean;
  /** Whether a request has a SERVER span where no instrumentation made one. Default: true. */
  readonly spans?: boolean;
  /** Whether there are RED metrics. Default: true. */
  readonly metrics?: boolean;
  /** Where metrics go. Default: the registry of the process, which then shows heap, GC and event loop too. */
  readonly registry?: Registry | MetricsRegistry;
  /** The dependencies of the service: it logs and steers their circuits. Default: those of the process. */
  readonly resilience?: Resilience;
  /**
   * Longest time until a response is ready, in milliseconds, reading the body included; then 504.
   * A response that is a stream may last longer. `false`: none. Default: 10,000.
   */
  readonly deadlineMs?: number | false;
  /** Requests in flight beyond which others get 503; `false`: any number. Default: 200. */
  readonly maxInFlight?: number | false;
  /** Largest body that is read, in bytes, 413 beyond; `false`: any. Default: 1 MiB. */
  readonly maxBodyBytes?: number | false;
  /** The same for single paths, such as one that takes uploads. */
  readonly maxBodyBytesAt?: Readonly<Record<string, number>>;
  /** What deadlines go by. Default: the clock of the process. */
  readonly clock?: Clock;
  /** Whether `/healthz` is there. Default: true. */
  readonly health?: boolean;
  /**
   * When the service counts as unhealthy (default: above 30 % of the last 100 requests of a minute)
   * and when a dependency does (see {@link DependencyHealth}).
   */
  readonly errorRate?: ErrorRateMonitorOptions;
  /** What the service does while a dependency is unhealthy; see {@link Degradation}. */
  readonly degradedModes?: DegradedModes;
  /** Never degrades, to see what the modes are good for. Default: false. */
  readonly degradationOff?: boolean;
  /** Wanted by what steers circuits. Default: `breakwater-dev`, which opens to this machine alone. */
  readonly controlToken?: string;
  /** Whether what internal headers say is believed. Default: `edge`: it is not. */
  readonly trust?: Trust;
  /** Names beside those of loopback under which operations are responded to, without port. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** Decides who is let in, whatever they ask for, by throwing; health checks included. */
  readonly access?: MiddlewareHandler;
}

/** What a server asks for responses. */
export type Served = Pick<Hono, 'fetch'>;

/** An adopted app, and what belongs to it. */
export interface Breakwater<App = Hono> {
  readonly name: string;
  /** What the public listener responds with. */
  readonly app: App;
  /**
   * What an operational listener responds with: `/metrics`, `/readyz`, `/breakers`, `/errors`, and
   * what steers them. Never serve it to the public.
   *
   * @example
   * serve({ fetch: operations.fetch, port: 9464, hostname: '127.0.0.1' });
   */
  readonly operations: OpenAPIHono<ServiceEnv>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** The error format of clients that ask for none. */
  readonly format: FormatName;
  /** Whether its requests have SERVER spans of its own. */
  readonly spans: boolean;
  readonly metrics: RedMetrics;
  /** What `/metrics` shows, beside what belongs to the process. */
  readonly registry: Registry;
  /** The dependencies of the service. */
  readonly resilience: Resilience;
  /** The error of the contract for whatever was thrown in this service. Never throws. */
  readonly toAppError: (thrown: unknown) => AppError;
  /** The degraded modes, for routes that have a second response. */
  readonly degradation: Degradation;
  /**
   * Counts a response that was given beside the app, such as one over gRPC, in the errors and in the
   * error rate of the service.
   */
  readonly recordOutcome: (route: string, error: AppError | undefined) => void;
}

/** What {@link createService} knows of an app beyond what any app tells. */
export interface Declared {
  /** The app's own document; absent where operations declare no errors. */
  readonly document?: () => OpenApiDocument;
  /** Errors that every operation can respond with beside its own. */
  readonly errors?: readonly DeclaredError[];
  readonly version?: string;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;
const DEFAULT_DEADLINE_MS = 10_000;
const DEFAULT_IN_FLIGHT = 200;
/** A service that hardly anybody asks any more is not unhealthy for long; in milliseconds. */
const ERROR_RATE_AGE_MS = 60_000;

/**
 * Adopts a Hono app, before its first route: ids on every response, a span, one log line and one
 * metric a request, every thrown value responded to by the contract, no request without a deadline,
 * and no more requests at once than can be served. Each part can be switched off.
 *
 * @throws {TypeError} when the app has routes already, or the registry belongs to another app
 * @example
 * const app = new Hono();
 * breakwater(app, { name: 'todo' });
 */
export function breakwater<E extends Env>(
  app: Hono<E>,
  options: BreakwaterOptions,
): Breakwater<Hono<E>> {
  const registry = (options.registry ?? processRegistry) as Registry;
  const { resilience = processResilience } = options;
  if (options.registry === undefined && options.metrics !== false) collectProcessMetrics();
  return adoptApp(app, { ...options, registry, resilience }, {});
}

/** {@link breakwater} for an app of which more is known. */
export function adoptApp<App>(
  app: App,
  options: BreakwaterOptions & { readonly registry: Registry; readonly resilience: Resilience },
  declared: Declared,
): Breakwater<App> {
  const { name, format = 'universal', internalError = InternalError, resilience } = options;
  const { spans = true } = options;
  const { registry: register } = options;
  refuseLate(app as object);
  if (register.getSingleMetric(METRICS.requestDuration)) {
    throw new TypeError(
      `${name} shares its registry with another app: give each \`registry: createRegistry()\``,
    );
  }
  const mappings = [...(options.errorMappings ?? []), honoErrors];
  const toAppError = (thrown: unknown) => read(thrown, mappings);
  const errors = { format, internal: internalError, everywhere: declared.errors };
  const logger =
    options.logger || createLogger({ identity: { serviceName: name }, registry: register });
  if (resilience.metrics === undefined) resilience.metrics = prometheusMetrics(register);
  resilience.log = (level, message, fields) => logger.log(level, message, fields);
  const readiness = new Readiness(register);
  const monitor = new ErrorRateMonitor({ maxAgeMs: ERROR_RATE_AGE_MS, ...options.errorRate });
  const degradation = watchHealth({ options, monitor, readiness, logger, register });

  const metrics = new RedMetrics(register);
  const { document } = declared;
  const catalogue = new ErrorCatalogue({
    documents: () => [...(document ? [document()] : []), operations.document()],
    common: [...commonErrors(errors), ...ACCESS_ERRORS.map(({ kind }) => kind)],
    declares: document !== undefined,
  });
  const { deadlineMs = DEFAULT_DEADLINE_MS, clock } = options;
  const bounding = { clock, register, logger, toAppError };
  const scopes = deadlineMs === false ? undefined : new RequestScopes({ ...bounding, deadlineMs });
  const fromResponse = document ? byHand : fromStatus;
  const observers = { toAppError, fromResponse, metrics, logger, catalogue };
  const errorOptions = { serviceName: name, format, internalError, toAppError };
  const operations = createOperations({
    ...{ ...errorOptions, version: declared.version ?? '', register, readiness, resilience },
    ...{ observers, catalogue, scopes },
    controlToken: options.controlToken ?? DEVELOPMENT_TOKEN,
    allowedHosts: options.allowedHosts ?? [],
  });
  adopt(app as object, {
    trust: options.trust ?? 'edge',
    spans,
    isTraced: (path) => !isQuiet(path),
    ids: options.ids ?? true,
    contract: options.contract ?? true,
    errors: errorOptions,
    observer: observe({
      ...observers,
      monitor,
      metrics: options.metrics === false ? undefined : metrics,
      logger: options.logger === false ? undefined : logger,
    }),
    scopes,
    access: accessOf(options),
    admissions: admissions(options, register),
  });
  if (options.health ?? true) mountLiveness(app as Hono);
  const made = { name, app, operations: operations.app, readiness, logger, format, metrics, spans };
  const recordOutcome: Breakwater['recordOutcome'] = (route, error) => {
    if (error) metrics.failed(route, error);
    const type = error?.kind.type;
    if (type !== 'client') monitor.record(type !== 'technical');
  };
  return { ...made, registry: register, resilience, toAppError, degradation, recordOutcome };
}

/** An access check may also respond by itself, as every middleware of Hono. */
function accessOf({ access }: BreakwaterOptions): MiddlewareHandler | undefined {
  if (!access) return undefined;
  return async (c, next) => {
    const response = await access(c, next);
    if (response) c.res = response;
  };
}

/** How many requests at once, and how much each may send. */
function admissions(options: BreakwaterOptions, register: Registry): Admission[] {
  const { maxInFlight = DEFAULT_IN_FLIGHT, maxBodyBytes = DEFAULT_BODY_BYTES } = options;
  const place = maxInFlight === false ? undefined : placesFor(maxInFlight, register);
  return [
    ...(place ? [(_: Context, record: RequestRecord) => place(record)] : []),
    ...(maxBodyBytes === false ? [] : [bodyGuard(maxBodyBytes, options.maxBodyBytesAt)]),
  ];
}

interface Watched {
  readonly options: BreakwaterOptions & { readonly resilience: Resilience };
  readonly monitor: ErrorRateMonitor;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly register: Registry;
}

/** Watches how many requests, and how many calls to each dependency, fail. */
function watchHealth({ options, monitor, readiness, logger, register }: Watched): Degradation {
  const { name: serviceName, resilience, errorRate, degradedModes: modes = {} } = options;
  monitor.onChange((snapshot) => logHealth(logger, { serviceName }, snapshot));
  const health = new DependencyHealth({
    resilience,
    window: errorRate,
    onChange: (dependency, snapshot) =>
      logHealth(logger, { serviceName, dependency, mode: modes[dependency] }, snapshot),
  });
  exportErrorRates(register, () => [[undefined, monitor], ...health.monitors()]);
  const off = options.degradationOff ?? false;
  const degradation = new Degradation({ health, modes, register, off });
  readiness.addDetail('error_rate', () => monitor.snapshot());
  readiness.addDetail('dependencies', () =>
    Object.fromEntries([...health.monitors()].map(([of, each]) => [of, each.snapshot()])),
  );
  readiness.addDetail('degraded', () => degradation.describe());
  return degradation;
}

/**
 * Where every operation declares its errors, a response that was made by hand has bypassed the
 * contract: it is counted and logged as a bug of ours, not passed over.
 */
function byHand({ status }: Response): AppError {
  return new InternalError(new Error(`a handler responded with ${status} without throwing`));
}
