/**
 * What is told of one call: its ids, its span, and at its end a line, metrics and the error's count,
 * from the same facts.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { AppError } from '@breakwater/errors';
import {
  currentSpanContext,
  errorFields,
  type Logger,
  saneRequestId,
  ATTRIBUTES as TELEMETRY_ATTRIBUTES,
  FIELDS as TELEMETRY_FIELDS,
} from '@breakwater/telemetry';
import { type Metadata, status as Status } from '@grpc/grpc-js';
import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FailedCall } from './encode-error.ts';
import { firstText, metadataGetter } from './metadata.ts';
import { ATTRIBUTES, FIELDS, METADATA, OTHER, SYSTEM } from './names.ts';
import type { RpcMetrics } from './rpc-metrics.ts';
import { statusName, statusOf } from './status.ts';

/** Who is told of calls. */
export interface Observers {
  readonly serviceName: string;
  readonly logger: Logger;
  readonly metrics: RpcMetrics;
  /** Counts a response by its error, beside those that came over HTTP. */
  readonly recordOutcome: (route: string, error: AppError | undefined) => void;
}

/** Of these the server is to blame (semantic conventions for gRPC). */
const SERVER_ERRORS: ReadonlySet<number> = new Set([
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
]);

/** Where errors of calls to no method are counted, as those of requests to no route. */
const ROUTE_UNMATCHED = 'unmatched';

/** One call, from its metadata to its status. */
export class CallRecord implements FailedCall {
  readonly traceId: string;
  readonly requestId: string;
  readonly serviceName: string;
  /** The active context of whatever is done for the call. */
  readonly context: Context;
  readonly #observers: Observers;
  readonly #startedAt = performance.now();
  readonly #method: string;
  readonly #span: Span | undefined;

  /**
   * @param path as `/todo.v1.TodoService/GetTodo`
   * @param known whether a service has the method
   */
  constructor(observers: Observers, path: string, known: boolean, metadata: Metadata) {
    this.#observers = observers;
    this.serviceName = observers.serviceName;
    const asked = path.slice(1);
    this.#method = known ? asked : OTHER;
    const parent = propagation.extract(context.active(), metadata, metadataGetter);
    const attributes = {
      [ATTRIBUTES.system]: SYSTEM,
      [ATTRIBUTES.method]: this.#method,
      ...(known ? {} : { [ATTRIBUTES.methodOriginal]: asked.slice(0, 200) }),
    };
    const span = trace
      .getTracer('@breakwater/grpc')
      .startSpan(known ? this.#method : SYSTEM, { kind: SpanKind.SERVER, attributes }, parent);
    this.#span = span.isRecording() ? span : undefined;
    this.context = this.#span ? trace.setSpan(parent, this.#span) : parent;
    this.traceId = (this.#span?.spanContext() ?? currentSpanContext()).traceId;
    this.requestId = saneRequestId(firstText(metadata, METADATA.requestId)) ?? randomUUID();
    observers.metrics.active++;
  }

  /** The method as it stands in lines and metrics. */
  get method(): string {
    return this.#method;
  }

  /** Fields that every line about the call has. */
  get fields(): Record<string, unknown> {
    return {
      [FIELDS.system]: SYSTEM,
      [FIELDS.method]: this.#method,
      [TELEMETRY_FIELDS.requestId]: this.requestId,
      [TELEMETRY_FIELDS.traceId]: this.traceId,
    };
  }

  /** Tells how the call ended; once. */
  finish(error: AppError | undefined): void {
    context.with(this.context, () => this.#finish(error));
  }

  #finish(error: AppError | undefined): void {
    const { metrics, recordOutcome, logger } = this.#observers;
    const durationMs = performance.now() - this.#startedAt;
    const code = error ? statusOf(error) : Status.OK;
    const status = statusName(code);
    const isError = SERVER_ERRORS.has(code);
    metrics.active--;
    metrics.record(this.#method, status, durationMs, isError);
    recordOutcome(this.#method === OTHER ? ROUTE_UNMATCHED : `/${this.#method}`, error);
    const fields = {
      ...this.fields,
      [FIELDS.statusCode]: status,
      [FIELDS.contractStatus]: error?.status ?? 200,
      [TELEMETRY_FIELDS.durationMs]: Math.round(durationMs * 10) / 10,
    };
    if (error) {
      const message = `${this.#method} ${status} ${error.code}: ${error.message}`;
      logger.log(error.kind.logLevel, message, { ...fields, ...errorFields(error) });
    } else {
      logger.info(`${this.#method} ${status}`, fields);
    }
    const span = this.#span;
    if (!span) return;
    span.setAttribute(ATTRIBUTES.statusCode, status);
    span.setAttribute(ATTRIBUTES.contractStatus, error?.status ?? 200);
    if (error) span.setAttribute(TELEMETRY_ATTRIBUTES.errorCode, error.code);
    if (isError) {
      span.setAttribute(ATTRIBUTES.errorType, status);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }
}
