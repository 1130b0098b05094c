/**
 * Which trace a request from outside belongs to.
 *
 * @module
 */
import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/**
 * `continue` takes the client's trace id on; `link` starts a new trace and links the client's,
 * for an edge that does not trust its clients' ids.
 */
export type ClientTrace = 'continue' | 'link';

/**
 * W3C Trace Context without baggage: a client's baggage must not travel through the services.
 * In `link` mode nothing is extracted; {@link clientSpanContext} finds what to link.
 */
export class TracePropagator implements TextMapPropagator {
  readonly #w3c = new W3CTraceContextPropagator();
  readonly #mode: ClientTrace;

  constructor(mode: ClientTrace) {
    this.#mode = mode;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#w3c.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.#mode === 'continue' ? this.#w3c.extract(context, carrier, getter) : context;
  }

  fields(): string[] {
    return this.#w3c.fields();
  }
}

/** The span a client named in its `traceparent` header, if the header is valid. */
export function clientSpanContext(
  headers: Readonly<Record<string, unknown>>,
): SpanContext | undefined {
  const extracted = new W3CTraceContextPropagator().extract(ROOT_CONTEXT, headers, {
    get: (carrier, key) => (carrier as Record<string, string | string[]>)[key],
    keys: (carrier) => Object.keys(carrier as object),
  });
  return trace.getSpanContext(extracted);
}
