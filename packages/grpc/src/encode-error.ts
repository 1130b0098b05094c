/**
 * An error of the contract as a gRPC status with details.
 *
 * @module
 */
import { type AppError, DEFAULT_RETRY_AFTER_S, type FieldIssue, redact } from '@breakwater/errors';
import { isRetryDiscouraged } from '@breakwater/resilience';
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata, type status as Status } from '@grpc/grpc-js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from './gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from './gen/google/rpc/status_pb.ts';
import { METADATA } from './names.ts';
import { statusOf } from './status.ts';

/** The call that an error ended. */
export interface FailedCall {
  /** 32 lower-case hex digits (W3C Trace Context). */
  readonly traceId: string;
  readonly requestId: string;
  readonly serviceName: string;
}

/** A status as `@grpc/grpc-js` sends it. */
export interface EncodedError {
  readonly code: Status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Keys of the metadata of ErrorInfo. */
export const INFO = {
  traceId: 'trace_id',
  /** The status of the error's kind, which the gRPC status does not tell. */
  status: 'status',
  /** The context as JSON; absent where there is none. */
  context: 'context',
  /** `false` on an error that the service has retried already. */
  shouldRetry: 'should_retry',
} as const;

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Trailers beyond 8 KB are refused by some clients (gRPC over HTTP/2). */
const MAX_CONTEXT_BYTES = 4_000;
const MAX_MESSAGE = 1_000;
const MAX_FIELDS = 20;

/**
 * The status of an error, with ErrorInfo (its code, the service as domain, trace id, status and
 * context), RequestInfo, and where they say something RetryInfo and BadRequest. Secrets in the
 * context are redacted; cause, stack and internal details have no way into it.
 */
export function encodeError(error: AppError, call: FailedCall): EncodedError {
  const code = statusOf(error);
  const message = error.message.toWellFormed().slice(0, MAX_MESSAGE);
  const { traceId, requestId, serviceName } = call;
  const context = contextText(error);
  const details = [
    pack(ErrorInfoSchema, {
      reason: error.code,
      domain: serviceName,
      metadata: {
        [INFO.traceId]: traceId,
        [INFO.status]: String(error.status),
        ...(context === undefined ? {} : { [INFO.context]: context }),
        ...(isRetryDiscouraged(error) ? { [INFO.shouldRetry]: 'false' } : {}),
      },
    }),
    pack(RequestInfoSchema, { requestId, servingData: traceId }),
    ...retryInfo(error),
    ...badRequest(error),
  ];
  const status = create(StatusSchema, { code, message, details });
  const metadata = new Metadata();
  metadata.set(METADATA.statusDetails, Buffer.from(toBinary(StatusSchema, status)));
  return { code, details: message, metadata };
}

function pack<S extends DescMessage>(schema: S, init: Parameters<typeof create<S>>[1]) {
  return anyPack(schema, create(schema, init) as MessageShape<S>);
}

/** What JSON cannot hold, or trailers cannot carry, is left out: the code matters more. */
function contextText({ context }: AppError): string | undefined {
  if (Object.keys(context).length === 0) return undefined;
  try {
    const text = JSON.stringify(redact(context));
    return Buffer.byteLength(text) > MAX_CONTEXT_BYTES ? undefined : text;
  } catch {
    return undefined;
  }
}

function retryInfo({ status, retryAfterS = DEFAULT_RETRY_AFTER_S }: AppError) {
  if (!RETRYABLE_STATUS.has(status)) return [];
  const seconds = BigInt(Math.max(1, Math.ceil(retryAfterS)));
  return [pack(RetryInfoSchema, { retryDelay: { seconds } })];
}

/** For clients that know Google's model and not ours; the context says the same. */
function badRequest({ context }: AppError) {
  const { fields } = context;
  if (!Array.isArray(fields) || fields.length === 0) return [];
  const fieldViolations = (fields as readonly FieldIssue[])
    .slice(0, MAX_FIELDS)
    .map(({ path, rule, message }) => ({
      field: String(path),
      reason: String(rule),
      description: String(message),
    }));
  return [pack(BadRequestSchema, { fieldViolations })];
}
