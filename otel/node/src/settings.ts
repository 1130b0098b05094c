/**
 * What the environment asks of telemetry: each `OTEL_*` variable that people know is honoured, or
 * refused at start with a sentence.
 *
 * @module
 */

import { LOG_LEVELS, TelemetrySettingsError } from '@breakwater/telemetry/core';
import type { SpanLimits } from '@opentelemetry/sdk-trace';
import type { ClientTrace } from './client-trace.ts';
import { type NamedFile, parseResourceAttributes, SettingsReader } from './settings-reader.ts';
import type { QueueSettings } from './span-queue.ts';

/** Where spans go, and how. */
export interface ExporterSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Bound of one request as a whole, in milliseconds. */
  readonly timeoutMs: number;
  readonly compression: 'none' | 'gzip';
  /** By the names that `node:https` gives them. */
  readonly tls: Readonly<Partial<Record<'ca' | 'cert' | 'key', NamedFile>>>;
}

const INSTRUMENTATIONS = ['http', 'undici', 'pg'] as const;
const DETECTORS = ['env', 'host', 'os', 'process', 'serviceinstance'] as const;

export type InstrumentationName = (typeof INSTRUMENTATIONS)[number];
export type DetectorName = (typeof DETECTORS)[number];

/** How the SDK is started. */
export interface TelemetrySettings {
  /** No SDK: no spans, and services make their trace ids themselves. */
  readonly disabled: boolean;
  /** Undefined where spans are made and sent nowhere. */
  readonly exporter: ExporterSettings | undefined;
  readonly queue: Partial<QueueSettings>;
  readonly spanLimits: SpanLimits;
  readonly instrumentations: readonly InstrumentationName[];
  /** Whether `http` was asked for by name, and so for servers whose app makes its spans too. */
  readonly instrumentsAll: boolean;
  readonly detectors: readonly DetectorName[];
  readonly clientTrace: ClientTrace;
}

/** As the SDK's own exporter; a collector beside the service responds within milliseconds. */
const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_ENDPOINT = 'http://localhost:4318';
const SDK_LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

/**
 * Reads everything and tells every mistake at once. An empty variable counts as unset; a value that
 * may hold a secret is not repeated.
 *
 * @throws {TelemetrySettingsError} with one sentence for each variable that cannot be honoured.
 */
export function readSettings(env: NodeJS.ProcessEnv): TelemetrySettings {
  const read = new SettingsReader(env);
  read.refuseWhatIsRefused();
  // Read by the SDK itself.
  read.optional('OTEL_LOG_LEVEL', SDK_LOG_LEVELS);
  // Read by the logger, which is made later.
  read.optional('LOG_LEVEL', LOG_LEVELS);
  parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES, (problem) => read.problems.push(problem));
  const disabledInstrumentations =
    read.list('OTEL_NODE_DISABLED_INSTRUMENTATIONS', undefined) ?? [];
  const capacity = read.integer('OTEL_BSP_MAX_QUEUE_SIZE', 1);
  const batchSize = read.integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1);
  if (batchSize !== undefined && batchSize > (capacity ?? batchSize)) {
    read.problems.push(
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE is larger than OTEL_BSP_MAX_QUEUE_SIZE: no batch would fill',
    );
  }
  const delayMs = read.integer('OTEL_BSP_SCHEDULE_DELAY', 0);
  const asked = read.list('OTEL_NODE_ENABLED_INSTRUMENTATIONS', INSTRUMENTATIONS);
  const settings: TelemetrySettings = {
    disabled: read.oneOf('OTEL_SDK_DISABLED', ['true', 'false'], 'false') === 'true',
    exporter:
      read.oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'none'], 'otlp') === 'otlp'
        ? readExporter(read)
        : undefined,
    queue: {
      ...(capacity === undefined ? {} : { capacity }),
      ...(batchSize === undefined ? {} : { batchSize }),
      ...(delayMs === undefined ? {} : { delayMs }),
    },
    spanLimits: readSpanLimits(read),
    instrumentations: (asked ?? INSTRUMENTATIONS).filter(
      (name) => !disabledInstrumentations.includes(name),
    ),
    instrumentsAll: asked?.includes('http') ?? false,
    detectors: readDetectors(read),
    clientTrace: readClientTrace(read, env),
  };
  if (read.problems.length > 0) throw new TelemetrySettingsError(read.problems);
  return settings;
}

function readExporter(read: SettingsReader): ExporterSettings {
  const generic = read.url('OTEL_EXPORTER_OTLP_ENDPOINT') ?? new URL(DEFAULT_ENDPOINT);
  const url = read.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? tracesUrl(generic);
  const both = <T>(name: string, one: (name: string) => T | undefined): T | undefined => {
    const all = one(`OTEL_EXPORTER_OTLP_${name}`);
    return one(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? all;
  };
  const protocol = both('PROTOCOL', (name) => read.optional(name, ['http/protobuf', 'http/json']));
  const timeout = both('TIMEOUT', (name) => read.integer(name, 1)) ?? DEFAULT_TIMEOUT_MS;
  const compression = both('COMPRESSION', (name) => read.optional(name, ['gzip', 'none']));
  const file = (name: string) => both(name, (full) => read.file(full));
  const [ca, cert, key] = [file('CERTIFICATE'), file('CLIENT_CERTIFICATE'), file('CLIENT_KEY')];
  return {
    protocol: protocol ?? 'http/protobuf',
    url,
    headers: {
      ...read.headers('OTEL_EXPORTER_OTLP_HEADERS'),
      ...read.headers('OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    timeoutMs: Math.min(timeout, read.integer('OTEL_BSP_EXPORT_TIMEOUT', 1) ?? timeout),
    compression: compression ?? 'none',
    tls: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  };
}

/** The generic endpoint has the signal's path appended, whatever its own path is. */
function tracesUrl(endpoint: URL): URL {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url;
}

/** By the specification's names, and those of the JS SDK where they differ. */
function readSpanLimits(read: SettingsReader): SpanLimits {
  const first = (...names: string[]) =>
    names.map((name) => read.integer(name, 0)).find((limit) => limit !== undefined);
  const limits = {
    attributeCountLimit: first('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    attributeValueLengthLimit: first(
      'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    ),
    eventCountLimit: first('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: first('OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: first(
      'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
    ),
    attributePerLinkCountLimit: first(
      'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
    ),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

/** `TRUST=internal` is `peer`; else what `CLIENT_TRACE` says, default `continue`. */
function readClientTrace(read: SettingsReader, { TRUST }: NodeJS.ProcessEnv): ClientTrace {
  const mode = read.oneOf('CLIENT_TRACE', ['continue', 'link'], 'continue');
  return TRUST === 'internal' ? 'peer' : mode;
}

function readDetectors(read: SettingsReader): readonly DetectorName[] {
  const name = 'OTEL_NODE_RESOURCE_DETECTORS';
  const asked = read.list(name, [...DETECTORS, 'all', 'none']) ?? ['all'];
  if (asked.includes('none')) return [];
  return DETECTORS.filter((detector) => asked.includes('all') || asked.includes(detector));
}
