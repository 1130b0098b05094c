/**
 * A Hono app with the contract wired in: what every service starts from.
 *
 * @module
 */
import {
  type FormatName,
  listKinds,
  PayloadTooLargeError,
  ValidationError,
} from '@breakwater/errors';
import {
  collectProcessMetrics,
  collectSpanMetrics,
  type Logger,
  registry as processRegistry,
} from '@breakwater/otel';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import type { Registry } from 'prom-client';
import { docsPage } from './docs-page.ts';
import { errorHandler, notFoundHandler } from './error-handler.ts';
import { mountHealth, Readiness } from './health.ts';
import './library-errors.ts';
import { observe } from './observe.ts';
import { type OpenApiDocument, withErrors } from './openapi.ts';
import { RedMetrics } from './red-metrics.ts';
import { requestContext, type ServiceEnv } from './request-context.ts';
import { requestScope } from './request-scope.ts';

export interface ServiceOptions {
  readonly name: string;
  /** One sentence for `/docs`. */
  readonly description: string;
  readonly logger: Logger;
  readonly version?: string;
  /** The error format of clients that ask for none. Default: `universal`. */
  readonly format?: FormatName;
  /** Largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Longest time for one request, in milliseconds; a caller's shorter deadline wins. Default: 10 s. */
  readonly deadlineMs?: number;
  /** Default: the registry of the process. Tests give each app its own. */
  readonly registry?: Registry;
}

/** A service before it listens: routes go on `app`, checks on `readiness`. */
export interface Service {
  readonly name: string;
  readonly app: OpenAPIHono<ServiceEnv>;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;
const DEFAULT_DEADLINE_MS = 10_000;

/**
 * Makes the app: ids on every response, one log line and one metric a request, every thrown value
 * answered by the contract, and `/healthz`, `/readyz`, `/metrics`, `/errors`, `/openapi.json` and
 * `/docs`.
 *
 * @example
 * const service = createService({ name: 'catalog', description: 'Items and stock.', logger });
 * service.app.openapi(getItem, (c) => c.json(item, 200));
 * await runService(service, { port: 8081, host: '127.0.0.1' });
 */
export function createService(options: ServiceOptions): Service {
  const { name, logger, format = 'universal', version = '0.1.0' } = options;
  const register = options.registry ?? (processRegistry as Registry);
  if (register === processRegistry) {
    collectProcessMetrics();
    collectSpanMetrics();
  }
  const readiness = new Readiness(register);
  const app = new OpenAPIHono<ServiceEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error.issues);
    },
  });

  app.onError(errorHandler({ serviceName: name, format }));
  app.notFound(notFoundHandler(app));
  app.use(requestContext());
  app.use(observe(new RedMetrics(register), logger));
  app.use(requestScope(options.deadlineMs ?? DEFAULT_DEADLINE_MS));
  app.use(limitBody(options.maxBodyBytes ?? DEFAULT_BODY_BYTES));

  mountHealth(app, readiness);
  app.get('/metrics', async (c) =>
    c.body(await register.metrics(), 200, { 'content-type': register.contentType }),
  );
  app.get('/errors', (c) => c.json({ service: name, errors: listKinds() }));
  const document = () =>
    withErrors(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: name, version, description: options.description },
      }) as unknown as OpenApiDocument,
      format,
    );
  app.get('/openapi.json', (c) => c.json(document()));
  app.get('/docs', (c) => c.html(docsPage(document())));
  return { name, app, readiness, logger };
}

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new PayloadTooLargeError(`The body is larger than ${maxSize} bytes.`, {
        context: { limit_bytes: maxSize },
      });
    },
  });
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
