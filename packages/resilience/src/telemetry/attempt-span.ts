/**
 * The trace context of an attempt.
 *
 * @module
 */
import {
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { AttemptContext } from '../attempt.ts';
import { ATTRIBUTES, type Outcome } from '../names.ts';
import { errorType } from '../outcome.ts';

/** Where the SDK of `@breakwater/otel` looks for which resend an outgoing request is. */
const RESEND_COUNT = createContextKey('http.request.resend_count');

/** Which resend the outgoing request of a context is; undefined for the first one. */
export function resendCount(parent: Context): number | undefined {
  const count = parent.getValue(RESEND_COUNT);
  return typeof count === 'number' && count > 0 ? count : undefined;
}

type AttemptFunction<T> = (attempt: AttemptContext) => T | PromiseLike<T>;

/** The span of one attempt, for dependencies that declare `spanPerAttempt`. */
export function startAttemptSpan(dependency: string, attempt: number): Span {
  return trace.getTracer('@breakwater/resilience').startSpan(`attempt ${dependency}`, {
    kind: SpanKind.INTERNAL,
    attributes: {
      [ATTRIBUTES.dependency]: dependency,
      [ATTRIBUTES.attempt]: attempt,
      ...(attempt > 1 ? { [ATTRIBUTES.resendCount]: attempt - 1 } : {}),
    },
  });
}

/** Ends it; only a failure of the dependency gives it the status ERROR. */
export function endAttemptSpan(span: Span, outcome: Outcome, error: unknown): void {
  if (outcome !== 'success') span.setAttribute(ATTRIBUTES.errorType, errorType(error));
  if (outcome === 'failure') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/**
 * The function, made to run in a context in which the HTTP client's span carries
 * `http.request.resend_count`, below the attempt's own span if there is one. A first attempt inside
 * the retry of another dependency starts its own count.
 */
export function inAttemptContext<T>(
  fn: AttemptFunction<T>,
  attempt: number,
  span: Span | undefined,
): AttemptFunction<T> {
  const parent = context.active();
  if (attempt === 1 && span === undefined && parent.getValue(RESEND_COUNT) === undefined) return fn;
  const counted = parent.setValue(RESEND_COUNT, attempt - 1);
  const child = span ? trace.setSpan(counted, span) : counted;
  return (given) => context.with(child, fn, undefined, given);
}
