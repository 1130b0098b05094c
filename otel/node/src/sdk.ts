/**
 * Starts the OpenTelemetry SDK of a service: traces only, every span sampled.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { context, type Span } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import { type ClientTrace, readClientTrace } from './client-trace.ts';
import { ContextManager } from './context-manager.ts';
import { createExporter } from './exporter.ts';
import { type Identity, readIdentity } from './identity.ts';
import { ATTRIBUTES, FIELDS } from './names.ts';
import { clientSpanContext, TracePropagator } from './propagator.ts';
import { setTelemetry, type Telemetry, telemetry } from './running.ts';
import { SpanQueue } from './span-queue.ts';
import { resendCount } from './trace-context.ts';

/** Paths that are asked every few seconds and would drown the traces people look for. */
const UNTRACED = ['/metrics', '/healthz', '/readyz', '/v1/traces'];

/** Query parameters whose values stay out of spans: the instrumentation's own, and the usual names. */
const SECRET_PARAMETERS = [
  'sig',
  'Signature',
  'AWSAccessKeyId',
  'X-Goog-Signature',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'token',
  'access_token',
  'api_key',
  'apikey',
  'password',
  'secret',
];

/**
 * Starts the SDK with the exporter of `OTEL_EXPORTER_OTLP_ENDPOINT`. Of the auto-instrumentations
 * http, undici and pg are on: the others are noise (net, dns, fs) or for libraries not used here.
 * Every span is sampled, whatever the client's flag says: a `traceparent` ending in `-00` must not
 * hide a failure. What is kept is the collector's decision.
 */
export function startTelemetry(
  identity: Identity = readIdentity(),
  clientTrace: ClientTrace = readClientTrace(),
): Telemetry {
  const running = telemetry();
  if (running) return running;
  const spans = new SpanQueue({ exporter: createExporter() });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({
      [FIELDS.serviceName]: identity.serviceName,
      [FIELDS.serviceNamespace]: identity.namespace,
      [FIELDS.environment]: identity.environment,
      'process.pid': process.pid,
    }),
    sampler: new AlwaysOnSampler(),
    contextManager: new ContextManager(),
    textMapPropagator: new TracePropagator(clientTrace),
    spanProcessors: [spans],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [instrumentations(clientTrace)],
  });
  sdk.start();
  const started = { spans, shutdown: () => sdk.shutdown() };
  setTelemetry(started);
  return started;
}

function instrumentations(clientTrace: ClientTrace) {
  const enabled = { enabled: true };
  const config: Parameters<typeof getNodeAutoInstrumentations>[0] = {
    '@opentelemetry/instrumentation-http': {
      ...enabled,
      ignoreIncomingRequestHook: (request) => isUntraced(request.url ?? ''),
      disableOutgoingRequestInstrumentation: true,
      redactedQueryParamsServer: SECRET_PARAMETERS,
      ...(clientTrace === 'peer' ? {} : { requestHook: linkClient }),
    },
    '@opentelemetry/instrumentation-undici': {
      ...enabled,
      requireParentforSpans: true,
      requestHook: (span) => {
        const count = resendCount(context.active());
        if (count !== undefined) span.setAttribute(ATTRIBUTES.resendCount, count);
      },
    },
    '@opentelemetry/instrumentation-pg': { ...enabled, requireParentSpan: true },
  };
  process.env.OTEL_NODE_ENABLED_INSTRUMENTATIONS ??= 'http,undici,pg';
  return getNodeAutoInstrumentations(config);
}

/** Asked for each request, so that it makes no string of its own. */
function isUntraced(url: string): boolean {
  return UNTRACED.some(
    (path) => url.startsWith(path) && (url.length === path.length || url[path.length] === '?'),
  );
}

/** Links the client's span where its trace was not continued. */
function linkClient(span: Span, request: IncomingMessage | ClientRequest): void {
  const client = clientSpanContext((request as IncomingMessage).headers);
  if (client && client.traceId !== span.spanContext().traceId) span.addLink({ context: client });
}
