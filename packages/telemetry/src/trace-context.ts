/**
 * The active trace, in the forms that headers and logs want.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Context, createContextKey, type SpanContext, trace } from '@opentelemetry/api';

/** W3C `traceparent` of a span context. */
export function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/**
 * The span context of the active span, or a made-up one in a process whose SDK is not started:
 * an answer carries a trace id either way, and `verify` tells that no trace stands behind it.
 */
export function currentSpanContext(): SpanContext {
  return (
    trace.getActiveSpan()?.spanContext() ?? {
      traceId: randomHex(32),
      spanId: randomHex(16),
      traceFlags: 0,
    }
  );
}

/** From a UUID, whose randomness Node draws in advance: for a request, drawing it costs more. */
function randomHex(digits: 16 | 32): string {
  return randomUUID().replaceAll('-', '').slice(0, digits);
}

const RESEND_COUNT = createContextKey('http.request.resend_count');

/** A context in which outgoing HTTP spans say which resend they are; 0 is the first attempt. */
export function withResendCount(parent: Context, count: number): Context {
  return parent.setValue(RESEND_COUNT, count);
}

/** Which resend the context's outgoing request is, if any. */
export function resendCount(parent: Context): number | undefined {
  const count = parent.getValue(RESEND_COUNT);
  return typeof count === 'number' && count > 0 ? count : undefined;
}

const CLIENT_LINK = createContextKey('breakwater.client_link');

/** A context whose SERVER span links a client's span, where it does not continue its trace. */
export function withClientLink(parent: Context, client: SpanContext): Context {
  return parent.setValue(CLIENT_LINK, client);
}

/** The client's span that a SERVER span of the context is to link, if any. */
export function clientLink(parent: Context): SpanContext | undefined {
  return parent.getValue(CLIENT_LINK) as SpanContext | undefined;
}
