/**
 * The span that is active where something is written.
 *
 * @module
 */
import { isSpanContextValid, trace } from '@opentelemetry/api';

/** Ids of a span and its trace. */
export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** Undefined outside of any span. Every copy of the API sees the SDK that runs. */
export function currentTrace(): TraceIds | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? span : undefined;
}
