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
import { type ClientTrace, ContinuedTraces } from './client-trace.ts';

/**
 * W3C Trace Context without baggage: a client's baggage must not travel through the services. Of an
 * edge's client only the trace and the span are taken on; its `tracestate` would speak to whoever
 * reads our traces as if we had said it. {@link clientSpanContext} finds what to link where nothing
 * is taken on.
 */
export class TracePropagator implements TextMapPropagator {
  readonly #w3c = new W3CTraceContextPropagator();
  readonly #continued = new ContinuedTraces();
  readonly #mode: ClientTrace;

  constructor(mode: ClientTrace) {
    this.#mode = mode;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#w3c.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    if (this.#mode === 'link') return context;
    const extracted = this.#w3c.extract(context, carrier, getter);
    if (this.#mode === 'peer') return extracted;
    const client = trace.getSpanContext(extracted);
    if (!client?.isRemote || !this.#continued.take(client.traceId)) return context;
    const { traceState: _, ...own } = client;
    return trace.setSpanContext(context, own);
  }

  fields(): string[] {
    return this.#w3c.fields();
  }
}

/** The span a client named in its `traceparent` header, if the header is valid. */
export function clientSpanContext(
  headers: Readonly<Record<string, unknown>>,
): SpanContext | undefined {
  if (headers.traceparent === undefined) return undefined;
  const extracted = new W3CTraceContextPropagator().extract(ROOT_CONTEXT, headers, {
    get: (carrier, key) => (carrier as Record<string, string | string[]>)[key],
    keys: (carrier) => Object.keys(carrier as object),
  });
  return trace.getSpanContext(extracted);
}
