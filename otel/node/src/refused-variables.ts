/**
 * The `OTEL_*` variables that cannot be honoured here, and why.
 *
 * @module
 */

/** One refusal; `docs/telemetry.md` has the same rows. */
export interface RefusedVariables {
  /** As the documentation writes it. */
  readonly name: string;
  readonly pattern: RegExp;
  /** Values that ask for what is done anyway. */
  readonly harmless?: readonly string[];
  readonly because: string;
}

const LINES = 'lines go to stdout and LOG_DIR, and no OpenTelemetry log record is made';
const METRICS = 'metrics are read from /metrics, and OpenTelemetry makes none in the process';
const SAMPLING = 'every span is recorded and the collector samples (TRACE_SAMPLING)';
const TRACES_ONLY = 'only traces leave by OTLP; lines and metrics have their own ways';
const OTLP_ONLY = 'spans leave by OTLP over HTTP';

/** A later row never contradicts an earlier one. */
export const REFUSED_VARIABLES: readonly RefusedVariables[] = [
  refused('OTEL_TRACES_SAMPLER', SAMPLING, 'always_on'),
  refused('OTEL_TRACES_SAMPLER_ARG', SAMPLING),
  refused(
    'OTEL_PROPAGATORS',
    'W3C trace context is what travels (tracecontext), without baggage',
    'tracecontext',
  ),
  refused('OTEL_METRICS_EXPORTER', METRICS, 'none'),
  refused('OTEL_METRICS_EXEMPLAR_FILTER', METRICS),
  refused('OTEL_METRIC_EXPORT_*', METRICS),
  refused('OTEL_NODE_EXPERIMENTAL_SDK_METRICS', METRICS, 'false'),
  refused('OTEL_LOGS_EXPORTER', LINES, 'none'),
  refused('OTEL_BLRP_*', LINES),
  refused('OTEL_LOGRECORD_*', LINES),
  refused('OTEL_EXPORTER_OTLP_METRICS_*', TRACES_ONLY),
  refused('OTEL_EXPORTER_OTLP_LOGS_*', TRACES_ONLY),
  refused(
    'OTEL_EXPORTER_OTLP_INSECURE',
    'it is for gRPC; http:// or https:// of the endpoint says whether TLS is spoken',
  ),
  refused(
    'OTEL_EXPORTER_OTLP_TRACES_INSECURE',
    'it is for gRPC; http:// or https:// of the endpoint says whether TLS is spoken',
  ),
  refused('OTEL_EXPORTER_JAEGER_*', OTLP_ONLY),
  refused('OTEL_EXPORTER_ZIPKIN_*', OTLP_ONLY),
  refused('OTEL_EXPORTER_PROMETHEUS_*', METRICS),
  refused('OTEL_CONFIG_FILE', 'the SDK is configured by variables only'),
  refused('OTEL_EXPERIMENTAL_CONFIG_FILE', 'the SDK is configured by variables only'),
];

function refused(name: string, because: string, ...harmless: string[]): RefusedVariables {
  const pattern = new RegExp(`^${name.replace('*', '\\w+')}$`);
  return { name, pattern, because, harmless };
}
