/**
 * How spans leave the process.
 *
 * @module
 */
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** After this a batch counts as failed and goes back to the queue, in milliseconds. */
const EXPORT_TIMEOUT_MS = 3_000;

/**
 * The exporter to `OTEL_EXPORTER_OTLP_ENDPOINT`: protobuf, which a collector reads fastest, unless
 * `OTEL_EXPORTER_OTLP_PROTOCOL` is `http/json`, which the console takes without a decoder.
 *
 * @throws {Error} for any other protocol
 */
export function createExporter(env: NodeJS.ProcessEnv = process.env): SpanExporter {
  const protocol = env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  const options = { timeoutMillis: EXPORT_TIMEOUT_MS };
  if (protocol === 'http/protobuf') return new ProtobufExporter(options);
  if (protocol === 'http/json') return new JsonExporter(options);
  throw new Error(
    `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol} is not supported: use http/protobuf or http/json`,
  );
}
