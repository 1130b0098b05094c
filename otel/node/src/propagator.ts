/**
 * Which trace a request from outside belongs to.
 *
 * @module
 */

import { withClientLink } from '@breakwater/telemetry/core';
import {
  type Context,
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
 * reads our traces as if we had said it. Where nothing is taken on, the context says what to link.
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
    const extracted = this.#w3c.extract(context, carrier, getter);
    if (this.#mode === 'peer') return extracted;
    const client = trace.getSpanContext(extracted);
    if (!client?.isRemote) return context;
    const { traceState: _, ...own } = client;
    const isContinued = this.#mode === 'continue' && this.#continued.take(client.traceId);
    return isContinued ? trace.setSpanContext(context, own) : withClientLink(context, own);
  }

  fields(): string[] {
    return this.#w3c.fields();
  }
}
