/**
 * The CLIENT span of one request to a peer, by the conventions for HTTP spans of OpenTelemetry.
 *
 * @module
 */
import { AppError, DependencyTimeoutError, redactText } from '@breakwater/errors';
import { resendCount } from '@breakwater/resilience';
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** That of `suppressTracing` in `@opentelemetry/core`: an instrumentation makes no second span. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const tracer = trace.getTracer('@breakwater/client');

/** What a span says of a request. */
export interface SpannedRequest {
  readonly method: string;
  readonly origin: URL;
  /** With its query. */
  readonly path: string;
  readonly userAgent: string;
}

/** A request's span, while it is under way. */
export interface RequestSpan {
  /** To send the request in. */
  readonly context: Context;
  /** Headers that carry the trace on. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the span with the status of the response. */
  responded(status: number): void;
  /** Ends the span of a request without a response. */
  failed(error: unknown, signal: AbortSignal): void;
}

/** Starts the span where there is one around it; without, the request belongs to no trace. */
export function startRequestSpan(request: SpannedRequest): RequestSpan {
  const active = context.active();
  const parent = trace.getSpanContext(active);
  const span = parent && trace.isSpanContextValid(parent) ? startSpan(request, active) : undefined;
  const around = span ? trace.setSpan(active, span) : active;
  const headers: Record<string, string> = {};
  propagation.inject(around, headers);
  return {
    context: around.setValue(SUPPRESS_TRACING, true),
    headers,
    responded(status) {
      if (!span) return;
      span.setAttribute('http.response.status_code', status);
      if (status >= 400) {
        span.setAttribute('error.type', String(status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
    failed(error, signal) {
      if (!span) return;
      // Whoever did not want the response any more is no failure of the peer.
      const givenUp = signal.aborted && !(signal.reason instanceof DependencyTimeoutError);
      if (!givenUp) {
        const { code, name, message } = error as Error & { code?: string };
        span.setAttribute('error.type', error instanceof AppError ? name : (code ?? name));
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end();
    },
  };
}

function startSpan({ method, origin, path, userAgent }: SpannedRequest, active: Context): Span {
  const { protocol, hostname, port } = origin;
  const scheme = protocol.slice(0, -1);
  const at = path.indexOf('?');
  const url = `${origin.origin}${path}`;
  const resend = resendCount(active);
  const attributes: Attributes = {
    'http.request.method': method,
    'url.full': at < 0 ? url : redactText(url),
    'url.path': at < 0 ? path : path.slice(0, at),
    ...(at < 0 ? {} : { 'url.query': redactText(path.slice(at + 1)) }),
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': Number(port || (scheme === 'https' ? 443 : 80)),
    'user_agent.original': userAgent,
    ...(resend === undefined ? {} : { 'http.request.resend_count': resend }),
  };
  return tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, active);
}
