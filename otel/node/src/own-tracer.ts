/**
 * Gives Breakwater's own packages a tracer whose spans cost a quarter of the SDK's.
 *
 * @module
 */
import { randomFillSync } from 'node:crypto';
import {
  type Context,
  context as contexts,
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { OwnSpan, type SpanSource } from './own-span.ts';

/** Packages that give their spans attributes of the right types. */
const OWN_SCOPE = /^@breakwater\//;

/** Makes spans that are all sampled, as `AlwaysOnSampler` does. */
export class OwnTracer implements Tracer {
  readonly #source: SpanSource;

  constructor(source: SpanSource) {
    this.#source = source;
  }

  startSpan(name: string, options: SpanOptions = {}, context = contexts.active()): Span {
    if (isTracingSuppressed(context)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const around = options.root ? undefined : trace.getSpanContext(context);
    const parent = around && trace.isSpanContextValid(around) ? around : undefined;
    return new OwnSpan(this.#source, {
      name,
      kind: options.kind ?? SpanKind.INTERNAL,
      context: {
        traceId: parent?.traceId ?? randomHex(16),
        spanId: randomHex(8),
        traceFlags: TraceFlags.SAMPLED,
        ...(parent?.traceState ? { traceState: parent.traceState } : {}),
      },
      parent,
      attributes: options.attributes ?? {},
      links: options.links ?? [],
      startTime: options.startTime,
    });
  }

  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const work = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : contexts.active();
    const span = this.startSpan(name, options, parent);
    return contexts.with(trace.setSpan(parent, span), () => work(span) as ReturnType<F>);
  }
}

/** Puts an {@link OwnTracer} before the SDK's for the scopes of our own packages. */
export function provideOwnTracers(source: Omit<SpanSource, 'instrumentationScope'>): void {
  const proxy = trace.getTracerProvider();
  if (!(proxy instanceof ProxyTracerProvider)) return;
  const sdk = proxy.getDelegate();
  const own = new Map<string, OwnTracer>();
  const provider: TracerProvider = {
    getTracer(name, version, options) {
      const known = version === undefined ? own.get(name) : undefined;
      if (known) return known;
      if (!OWN_SCOPE.test(name)) return sdk.getTracer(name, version, options);
      const instrumentationScope = { name, ...(version ? { version } : {}) };
      const tracer = new OwnTracer({ ...source, instrumentationScope });
      if (version === undefined) own.set(name, tracer);
      return tracer;
    },
  };
  proxy.setDelegate(provider);
}

const RANDOM = Buffer.allocUnsafe(4096);
let used = RANDOM.length;

/** So many random bytes as hexadecimal digits; never all zero, which would be no id. */
function randomHex(bytes: 8 | 16): string {
  if (used + bytes > RANDOM.length) {
    randomFillSync(RANDOM);
    used = 0;
  }
  const start = used;
  used += bytes;
  const digits = RANDOM.toString('hex', start, used);
  return /[^0]/.test(digits) ? digits : randomHex(bytes);
}
