/**
 * Starts the OpenTelemetry SDK of a service: traces only, every span sampled.
 *
 * @module
 */
import type { Server } from 'node:http';
import { redactText } from '@breakwater/errors';
import { ATTRIBUTES, clientLink, onTraced, resendCount } from '@breakwater/telemetry/core';
import { type Attributes, context, type Span } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { isTracingSuppressed } from '@opentelemetry/core';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, NoopSpanProcessor } from '@opentelemetry/sdk-trace';
import { ContextManager } from './context-manager.ts';
import { environment } from './environment.ts';
import { OtlpExporter } from './exporter.ts';
import { readIdentity } from './identity.ts';
import { DEFAULT_LIMITS } from './own-span.ts';
import { provideOwnTracers } from './own-tracer.ts';
import { TracePropagator } from './propagator.ts';
import { createResource } from './resource.ts';
import { setTelemetry, type Telemetry, telemetry } from './running.ts';
import { readSettings, type TelemetrySettings } from './settings.ts';
import { SpanQueue } from './span-queue.ts';
import { isUntraced } from './untraced.ts';

/**
 * Starts the SDK as the environment asks: see {@link readSettings}. Of the auto-instrumentations
 * http, undici and pg are on: the others are noise (net, dns, fs) or for libraries not used here.
 * Every span is sampled, whatever the client's flag says: a `traceparent` ending in `-00` must not
 * hide a failure. What is kept is the collector's decision.
 *
 * @returns undefined with `OTEL_SDK_DISABLED=true`
 * @throws {TelemetrySettingsError} when a variable cannot be honoured
 */
export function startTelemetry(env: NodeJS.ProcessEnv = environment()): Telemetry | undefined {
  const running = telemetry();
  if (running) return running;
  const settings = readSettings(env);
  if (settings.disabled) return undefined;
  const { exporter, queue, clientTrace } = settings;
  const spans = exporter && new SpanQueue({ exporter: new OtlpExporter(exporter), ...queue });
  const resource = createResource({
    identity: readIdentity(env),
    detectors: settings.detectors,
    env,
    entry: process.argv[1],
  });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource,
    sampler: new AlwaysOnSampler(),
    spanLimits: settings.spanLimits,
    contextManager: new ContextManager(),
    textMapPropagator: new TracePropagator(clientTrace),
    spanProcessors: [spans ?? new NoopSpanProcessor()],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [instrumentations(settings)],
  });
  sdk.start();
  provideOwnTracers({
    resource,
    limits: { ...DEFAULT_LIMITS, ...settings.spanLimits },
    onEnd: (span) => spans?.onEnd(span),
  });
  if (!settings.instrumentsAll) onTraced(leaveAlone);
  const started = { spans, shutdown: () => sdk.shutdown() };
  setTelemetry(started);
  return started;
}

/** The app behind this server makes the spans: instrumentation-http would cost twice as much. */
function leaveAlone(server: Server): void {
  const { __original: original } = server.emit as Server['emit'] & { __original?: Server['emit'] };
  if (original) server.emit = original;
}

function instrumentations({ instrumentations: names }: TelemetrySettings) {
  const config: Parameters<typeof getNodeAutoInstrumentations>[0] = {
    '@opentelemetry/instrumentation-http': {
      ignoreIncomingRequestHook: isUntraced,
      disableOutgoingRequestInstrumentation: true,
      startIncomingSpanHook: ({ url = '' }) => queryOf(url),
      requestHook: linkClient,
    },
    '@opentelemetry/instrumentation-undici': {
      requireParentforSpans: true,
      // Such as one of `@breakwater/client`, which makes its own span.
      ignoreRequestHook: () => isTracingSuppressed(context.active()),
      startSpanHook: ({ origin, path }) => urlOf(origin, path),
      requestHook: (span) => {
        const count = resendCount(context.active());
        if (count !== undefined) span.setAttribute(ATTRIBUTES.resendCount, count);
      },
    },
    // Without a span for each look at the pool: every query has one of its own.
    '@opentelemetry/instrumentation-pg': { requireParentSpan: true, ignoreConnectSpans: true },
  };
  // It reads the variable itself, and takes an empty one for all.
  if (names.length === 0) return [];
  environment().OTEL_NODE_ENABLED_INSTRUMENTATIONS = names.join(',');
  return getNodeAutoInstrumentations(config);
}

/** The query without secrets: the instrumentations know few of their names, or none. */
function queryOf(url: string): Attributes {
  const at = url.indexOf('?');
  return at < 0 ? {} : { 'url.query': redactText(url.slice(at + 1)) };
}

function urlOf(origin: string, path: string): Attributes {
  if (!path.includes('?')) return {};
  return { 'url.full': redactText(new URL(path, origin).href), ...queryOf(path) };
}

/** Links the client's span where its trace was not continued. */
function linkClient(span: Span): void {
  const client = clientLink(context.active());
  if (client) span.addLink({ context: client });
}
