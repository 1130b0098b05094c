/**
 * The CLIENT span of one attempt.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import { resendCount, ATTRIBUTES as TELEMETRY_ATTRIBUTES } from '@breakwater/telemetry';
import { type Metadata, status as Status } from '@grpc/grpc-js';
import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { metadataSetter } from './metadata.ts';
import { ATTRIBUTES, SYSTEM } from './names.ts';
import { statusName } from './status.ts';

/** Where a call goes. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Begins with the attempt, and writes its context into the metadata. */
export class ClientSpan {
  readonly #span: Span | undefined;

  /** Without a span around it there is none: work that belongs to no request starts no trace here. */
  constructor(path: string, { address, port }: Target, metadata: Metadata) {
    const active = context.active();
    if (!trace.getSpan(active)) return;
    const method = path.slice(1);
    const count = resendCount(active);
    this.#span = trace.getTracer('@breakwater/grpc').startSpan(method, {
      kind: SpanKind.CLIENT,
      attributes: {
        [ATTRIBUTES.system]: SYSTEM,
        [ATTRIBUTES.method]: method,
        [ATTRIBUTES.serverAddress]: address,
        [ATTRIBUTES.serverPort]: port,
        ...(count === undefined ? {} : { [TELEMETRY_ATTRIBUTES.resendCount]: count }),
      },
    });
    propagation.inject(trace.setSpan(active, this.#span), metadata, metadataSetter);
  }

  /** @param reason what ended the attempt from outside, if something did */
  end(code: number = Status.OK, reason?: unknown): void {
    const span = this.#span;
    if (!span) return;
    const status = statusName(code);
    span.setAttribute(ATTRIBUTES.statusCode, status);
    if (code !== Status.OK) {
      span.setAttribute(ATTRIBUTES.errorType, reason instanceof AppError ? reason.code : status);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }
}
