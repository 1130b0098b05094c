/**
 * The SERVER span of a request, where no instrumentation has made one.
 *
 * @module
 */
import { setSpanRoute } from '@breakwater/telemetry';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context } from 'hono';

/** Attributes of HTTP server spans (OpenTelemetry semantic conventions for HTTP, stable). */
const ATTRIBUTES = {
  method: 'http.request.method',
  path: 'url.path',
  scheme: 'url.scheme',
  userAgent: 'user_agent.original',
  route: 'http.route',
  status: 'http.response.status_code',
  errorType: 'error.type',
} as const;

/** Header fields as the propagator reads them. */
const FIELDS = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
};

const own = new WeakSet<Context>();

/**
 * Runs the work of a request in a SERVER span. Where an instrumentation has made one already, such
 * as that of `node:http`, it is used as it is: one request has one. Without an SDK there is none.
 */
export async function inServerSpan(c: Context, run: () => Promise<void>): Promise<void> {
  if (trace.getActiveSpan()) return run();
  const parent = propagation.extract(context.active(), c.req.raw.headers, FIELDS);
  const { method, path } = c.req;
  const attributes = {
    [ATTRIBUTES.method]: method,
    [ATTRIBUTES.path]: path,
    [ATTRIBUTES.scheme]: c.req.url.startsWith('https:') ? 'https' : 'http',
    ...optional(ATTRIBUTES.userAgent, c.req.header('user-agent')),
  };
  const options = { kind: SpanKind.SERVER, attributes };
  const span = trace.getTracer('@breakwater/hono').startSpan(method, options, parent);
  if (!span.isRecording()) return run();
  own.add(c);
  try {
    await context.with(trace.setSpan(parent, span), run);
  } finally {
    const { status } = c.res;
    span.setAttribute(ATTRIBUTES.status, status);
    if (status >= 500) {
      span.setAttribute(ATTRIBUTES.errorType, String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }
}

/** Names the SERVER span of a request `METHOD /route/:template`, whoever made it. */
export function nameServerSpan(c: Context, route: string): void {
  if (own.has(c)) {
    trace
      .getActiveSpan()
      ?.updateName(`${c.req.method} ${route}`)
      .setAttribute(ATTRIBUTES.route, route);
  } else {
    setSpanRoute(route);
  }
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
